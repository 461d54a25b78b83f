import type * as z from "zod";

import { parseJson } from "../../protocol/json.ts";
import type { ModelEvent } from "../../protocol/model-events.ts";
import { errorWords, serverError } from "../server/server-errors.ts";
import { ChatChunk } from "./chat-chunk.ts";
import type { Reply } from "./reply.ts";
import type { ThoughtField } from "./server-traits.ts";

type Chunk = z.infer<typeof ChatChunk>;

/**
 * Reads the data of one event of a streamed chat completion. Throws what the server reports as an error, or
 * MODEL_FAILED for what is no chunk.
 */
export function* readChatChunk(data: string, reply: Reply): Generator<ModelEvent> {
  if (data === "[DONE]") {
    reply.isDone = true;
    return;
  }
  const chunk = parseJson(data, ChatChunk, `a chunk from ${reply.host}`, "MODEL_FAILED");
  if (chunk.error !== undefined && chunk.error !== null) {
    throw serverError(errorWords(JSON.stringify({ error: chunk.error })), reply.host);
  }
  note(chunk, reply);
  const { prompt_progress: progress } = chunk;
  if (progress) {
    yield { type: "prefill", done: progress.processed, total: progress.total, reused: progress.cache ?? 0 };
  }
  const { content, tool_calls: calls, ...delta } = chunk.choices?.[0]?.delta ?? {};
  yield* readThought(delta, reply);
  if (content) yield* reply.text(content);
  for (const call of calls ?? []) yield* reply.call(call);
}

type Thought = { readonly [Field in ThoughtField]?: string | null | undefined };

function* readThought({ reasoning_content: content, reasoning }: Thought, reply: Reply): Generator<ModelEvent> {
  if (content) yield* reply.thought(content, "reasoning_content");
  else if (reasoning) yield* reply.thought(reasoning, "reasoning");
}

function note({ choices, usage, timings }: Chunk, reply: Reply): void {
  const reason = choices?.[0]?.finish_reason;
  if (reason) reply.isDone = true;
  if (reason === "length") reply.summary.isCutOff = true;
  reply.count({
    promptTokens: usage?.prompt_tokens,
    reusedTokens: usage?.prompt_tokens_details?.cached_tokens,
    outputTokens: usage?.completion_tokens,
    tokensPerSecond: timings?.predicted_per_second,
  });
}
