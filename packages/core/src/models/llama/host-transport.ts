import { TrustError } from "../../protocol/errors.ts";

/** A way to a model host: lines each way. */
export interface HostTransport {
  /** Undefined for a host that is not our child, until its `hello` is passed to `greeted`. */
  readonly pid: number | undefined;
  greeted(pid: number): void;
  /** To be called once, and at once. `onClose` is called once, with what ended the host as the rest of a sentence. */
  listen(handlers: TransportHandlers): void;
  write(line: string): void;
  /** Leaves a host in good order. */
  close(): Promise<void>;
  /** Leaves a host that speaks something else. */
  drop(): void;
  /** Ends a host that does not answer. */
  kill(): void;
}

export interface TransportHandlers {
  onLine: (line: string) => void;
  onClose: (reason: string) => void;
}

/** `reason` is what ended a model host, as the rest of a sentence about it. */
export function hostCrash(reason: string): TrustError {
  return new TrustError("HOST_CRASHED", `The model host ${reason}`, { hint: "trust doctor" });
}

/** What an exit status or a signal says of the end; `said`: what the host wrote last. */
export function describeExit(code: number | null, signal: NodeJS.Signals | null, said: string): string {
  if (signal === "SIGKILL") return "was killed, perhaps because memory ran out";
  if (signal !== null) return `crashed in llama.cpp (${signal})`;
  const lines = said.trim().split("\n");
  // Node ends its report of an exception with its own version.
  const words = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
  return words === "" ? `stopped with status ${code}` : `stopped with status ${code}: ${words}`;
}

export const isCrash = (error: unknown): boolean => error instanceof TrustError && error.code === "HOST_CRASHED";
