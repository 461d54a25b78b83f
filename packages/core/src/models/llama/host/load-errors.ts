import { TrustError } from "../../../protocol/errors.ts";

const memoryWords =
  /out of memory|insufficient memory|not enough v?ram|failed to allocate|bad_alloc|too large for the available/i;
/** A window that a machine without room for the default may still hold, in tokens. */
const modestContextSize = 4096;

export interface LoadAttempt {
  path: string;
  /** In tokens. */
  contextSize: number;
  /** What llama.cpp logged as errors meanwhile, oldest first. */
  logged: readonly string[];
}

/** Why llama.cpp did not take a model that our own check let pass. */
export function loadError(cause: unknown, { path, contextSize, logged }: LoadAttempt): TrustError {
  if (cause instanceof TrustError) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  if ([said, ...logged].some((line) => memoryWords.test(line))) {
    const hint =
      contextSize > modestContextSize
        ? `trust config set context.size ${modestContextSize}`
        : "choose a smaller model with -m, or trust -m nano";
    return new TrustError(
      "MODEL_FAILED",
      `there is not enough memory for ${path} with a context of ${contextSize} tokens`,
      { hint, cause },
    );
  }
  return new TrustError("MODEL_INVALID", `llama.cpp cannot use ${path}: ${reasonIn(logged) ?? said}`, {
    hint: "trust -m nano uses the built-in model; for this one fetch the GGUF file again, or another version of it",
    cause,
  });
}

/** The last line is often only "failed to load model". */
function reasonIn(logged: readonly string[]): string | undefined {
  return logged.findLast((line) => !/failed to load model/i.test(line)) ?? logged.at(-1);
}
