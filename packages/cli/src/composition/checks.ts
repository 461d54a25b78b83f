import type { BackgroundChecks } from "@trust-cli/core/checks";
import type { ApprovalGate } from "@trust-cli/core/ports";
import type { Diagnostic } from "@trust-cli/core/protocol";
import type { ToolDependencies } from "@trust-cli/core/tools";

import { mayRunBy } from "./may-run.ts";

/** What the project's checkers say behind changes. Nothing is loaded or run before a file changes. */
export interface AppChecks extends NonNullable<ToolDependencies["diagnostics"]> {
  latest(): readonly Diagnostic[];
  /** Waits for what is under way, and tells the errors that came since the last review and are still there. */
  review(signal: AbortSignal): Promise<string | undefined>;
}

interface ChecksPlace {
  root: string;
  gate: ApprovalGate;
  /** The most that one checker may take. */
  seconds: number;
}

/** An edit waits this long for its checkers; they go on behind it. */
const patienceMilliseconds = 3000;

/**
 * A checker runs code that the project controls. So it runs by itself only where the gate would allow run_checks
 * with this very command line, to which the deny rules of run_command apply, or run_command; it never asks.
 */
export function lazyChecks({ root, gate, seconds }: ChecksPlace): AppChecks {
  let checks: BackgroundChecks | undefined;
  const mayRun = mayRunBy(gate);
  const isAllowed = (command: string): boolean => mayRun("run_checks", command);
  const open = async (): Promise<BackgroundChecks> => {
    const module = await import("@trust-cli/core/checks");
    const environment = process.env;
    checks ??= new module.BackgroundChecks({ root, environment, seconds, patienceMilliseconds, isAllowed });
    return checks;
  };
  return {
    before: async (paths) => await (await open()).before(paths),
    after: async (paths, signal) => await (await open()).after(paths, signal),
    seen: (run, report) => void open().then((opened) => opened.seen(run, report)),
    latest: () => checks?.latest() ?? [],
    review: async (signal) => await checks?.review(signal),
  };
}
