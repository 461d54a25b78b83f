import type { Tool } from "../ports/tool.ts";
import type { AgentEvent } from "../protocol/agent-events.ts";
import { AsyncQueue } from "../protocol/async-queue.ts";
import type { ToolMessage } from "../protocol/messages.ts";
import type { ToolCall } from "../protocol/tool-call.ts";

const sideBySide = 4;

/** Groups calls, in order: neighbouring reads run together, every change or command stands alone. */
export function batchCalls(calls: readonly ToolCall[], tools: readonly Tool[]): ToolCall[][] {
  const isRead = (call: ToolCall): boolean => tools.find(({ name }) => name === call.name)?.risk === "read";
  const batches: ToolCall[][] = [];
  for (const call of calls) {
    const last = batches.at(-1);
    const first = last?.[0];
    if (last !== undefined && first !== undefined && isRead(first) && isRead(call) && last.length < sideBySide) {
      last.push(call);
    } else {
      batches.push([call]);
    }
  }
  return batches;
}

type Execution = AsyncGenerator<AgentEvent, ToolMessage, void>;

/** Runs executions side by side; their events come as they happen, their results in the given order. */
export async function* runTogether(executions: readonly Execution[]): AsyncGenerator<AgentEvent, ToolMessage[], void> {
  const queue = new AsyncQueue<AgentEvent>();
  const drain = async (execution: Execution): Promise<ToolMessage> => {
    while (true) {
      const next = await execution.next();
      if (next.done === true) return next.value;
      queue.push(next.value);
    }
  };
  const results = Promise.all(executions.map(drain));
  results.then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  yield* queue;
  return results;
}
