import { createContext, Script } from "node:vm";

/** `work` took longer than it may. */
export class TooSlow extends Error {}

const script = new Script("work()");
const sandbox = createContext({});

/**
 * What `work` returns, or TooSlow: also out of a pattern that backtracks without end, which nothing else can stop.
 * `work` must not wait, and leave nothing half done that is used again.
 */
export function withTimeLimit<T>(milliseconds: number, work: () => T): T {
  sandbox["work"] = work;
  try {
    return script.runInContext(sandbox, { timeout: milliseconds }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw new TooSlow();
    throw error;
  } finally {
    delete sandbox["work"];
  }
}
