import { TrustError } from "../../protocol/errors.ts";
import type { Endpoint } from "../server/endpoint.ts";

const memoryWords = /requires more (system )?memory|out of memory|cudaMalloc failed|unable to allocate/i;
/** Ollama runs each model in a process of its own, which it starts again when it is asked again. */
const crashWords = /runner (process )?(has )?(unexpectedly )?(terminated|stopped|crashed)/i;
const missingWords = /not found, try pulling|model .* not found/i;
/** What a pull says of a name that the library does not have, or that nobody may have. */
const unknownWords = /pull model manifest: (file does not exist|.*(not found|access denied))/i;
const noAnswer = /^no model server answers/;

/** An error of the server in words that its owner knows, with the command that helps. */
export function ollamaError(error: unknown, model: string, { root, local }: Endpoint): unknown {
  if (!(error instanceof TrustError)) return error;
  const { code, message } = error;
  const say = (text: string, hint: string, as = code): TrustError => new TrustError(as, text, { hint, cause: error });
  if (unknownWords.test(message)) {
    return say(`Ollama's library has no model ${model}`, "check the name at the library", "MODEL_MISSING");
  }
  if (code === "MODEL_MISSING" || missingWords.test(message)) {
    return say(`Ollama at ${root.host} has no model ${model}`, `ollama pull ${model}`, "MODEL_MISSING");
  }
  if (noAnswer.test(message)) {
    const words = message.replace(noAnswer, "no Ollama answers");
    return say(
      words,
      local ? "ollama serve" : `check that Ollama runs there and listens beyond ${root.hostname} itself`,
    );
  }
  if (memoryWords.test(message)) {
    return say(message, "choose a smaller model, or a smaller window: trust config set context.size 4096");
  }
  if (crashWords.test(message)) return new TrustError("MODEL_LOST", message, { cause: error });
  if (/does not support chat/i.test(message))
    return say(`${model} is no chat model`, "trust model list", "MODEL_INVALID");
  return error;
}

export interface CutPrompt {
  model: string;
  promptTokens: number;
  estimate: number;
  contextSize: number;
}

/** The server read less of the prompt than it was sent. */
export function cutError({ model, promptTokens, estimate, contextSize }: CutPrompt): TrustError {
  const read = `${tokens(promptTokens)} of about ${tokens(estimate)} tokens`;
  const why = `it gives ${model} a window of only ${tokens(contextSize)}`;
  return new TrustError(
    "CONTEXT_FULL",
    `Ollama read ${read} of the prompt, because ${why}: this reply is not to be relied on`,
    {
      hint: "ask again: the prompt is now made to fit; a larger window is up to the server's settings",
    },
  );
}

export function tooLongError(model: string, estimate: number, contextSize: number, cause: unknown): TrustError {
  const numbers = `about ${tokens(estimate)} tokens for a window of ${tokens(contextSize)}`;
  return new TrustError("CONTEXT_FULL", `the prompt is too long for ${model}: ${numbers}`, {
    hint: "ask about a smaller part, start afresh (/clear), or set a larger window: trust config set context.size",
    cause,
  });
}

const tokens = (count: number): string => count.toLocaleString("en-US");
