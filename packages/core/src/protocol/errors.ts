/** Exit status by kind of failure; `docs/command-line.md` explains them to people. */
export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  missing: 3,
  refused: 4,
  budget: 5,
  mediaType: 10,
  conflict: 12,
  interrupted: 130,
} as const;

export type ExitKind = keyof typeof exitStatus;

/** The closed list of error codes, each with the exit status it leads to. */
export const errorKinds = {
  USAGE: "usage",
  CONFIG_INVALID: "usage",
  CONFIG_UNREADABLE: "usage",
  PROFILE_MISSING: "usage",
  INPUT_INVALID: "usage",
  TOOL_UNKNOWN: "usage",
  SESSION_UNKNOWN: "usage",
  PATH_OUTSIDE: "refused",
  REFUSED: "refused",
  OFFLINE: "refused",
  SESSION_BUSY: "failed",
  STORAGE_FAILED: "failed",
  FILE_FAILED: "failed",
  FILE_CONFLICT: "failed",
  TOOL_FAILED: "failed",
  CONTEXT_FULL: "failed",
  MODEL_MISSING: "missing",
  MODEL_INVALID: "usage",
  MODEL_FAILED: "failed",
  MODEL_UNREACHABLE: "missing",
  MODEL_LOST: "failed",
  HOST_MISSING: "missing",
  HOST_CRASHED: "failed",
  PROGRAM_MISSING: "missing",
  REPOSITORY_MISSING: "usage",
  GIT_FAILED: "failed",
  PLUGIN_UNKNOWN: "usage",
  PLUGIN_INVALID: "usage",
  PLUGIN_FAILED: "failed",
  KIT_MISSING: "missing",
  KIT_INVALID: "usage",
  KIT_MEDIA_TYPE: "mediaType",
  KIT_CONFLICT: "conflict",
  KIT_CORRUPT: "failed",
  REGISTRY_FAILED: "failed",
  REGISTRY_DENIED: "refused",
  INTERRUPTED: "interrupted",
  INTERNAL: "failed",
} as const satisfies Record<string, ExitKind>;

export type ErrorCode = keyof typeof errorKinds;

/** The only error class. `message` says what and why; `hint` is the next command or step. */
export class TrustError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "TrustError";
    this.code = code;
    this.hint = options.hint;
  }
}

/** The wire form of an error: what `--json` prints and what events carry. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  hint?: string;
}

export function errorBody(error: unknown): ErrorBody {
  if (error instanceof TrustError) {
    return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}

/** A mistake that the model or a person can read and act on; bugs are thrown instead. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: TrustError };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const failure = (error: TrustError): { ok: false; error: TrustError } => ({ ok: false, error });

export function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === "AbortError" || (error as { code?: unknown }).code === "INTERRUPTED")
  );
}
