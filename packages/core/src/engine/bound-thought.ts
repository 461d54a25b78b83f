import type { ModelRequest } from "../ports/model.ts";
import type { ModelEvent } from "../protocol/model-events.ts";

/** Well above what any text has: a backend that counts tokens itself comes first. */
const charactersPerToken = 6;
/** Of the thought, given back when the model is asked again. */
const keptCharacters = 2000;

/** Whether a thought outgrew its bound. */
export interface ThoughtWatch {
  isOver: boolean;
}

/**
 * Passes a reply on and stops the model when it only thinks, for longer than the request allows: servers do not end a
 * thought by themselves.
 */
export async function* boundThought(
  stream: AsyncIterable<ModelEvent>,
  { thoughtTokens = Infinity }: Pick<ModelRequest, "thoughtTokens">,
  { watch, stop }: { watch: ThoughtWatch; stop: AbortController },
): AsyncGenerator<ModelEvent, void, void> {
  let thought = 0;
  for await (const event of stream) {
    if (!watch.isOver || event.type === "finish") yield event;
    if (event.type === "model-restart" && event.again === true) thought = 0;
    if (event.type === "text-delta" || event.type === "call-start") thought = -Infinity;
    if (event.type === "thought-delta") thought += event.delta.length;
    if (thought <= thoughtTokens * charactersPerToken || watch.isOver) continue;
    watch.isOver = true;
    stop.abort();
  }
}

/** The same request once more, to be answered without a further thought. */
export function withoutThought(request: ModelRequest, thought: string): ModelRequest {
  const end = thought.slice(-keptCharacters);
  const text = `You have thought about this for long. The end of your thoughts:\n…${end}\n\nGo on without thinking further.`;
  const last = request.messages.at(-1);
  const messages =
    last?.role === "user"
      ? request.messages.with(-1, { ...last, text: `${last.text}\n\n${text}` })
      : [...request.messages, { role: "user", text } as const];
  return { ...request, messages, thinking: false };
}
