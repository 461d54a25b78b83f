import * as z from "zod";

import type { PreparedCall, Tool, ToolOutcome } from "../ports/tool.ts";
import type { AgentEvent } from "../protocol/agent-events.ts";
import { ok } from "../protocol/errors.ts";
import { createConversation } from "./conversation.ts";
import type { TurnDependencies } from "./turn-state.ts";
import { runTurn } from "./turn.ts";

const Input = z.strictObject({ prompt: z.string().min(1) });
type Input = z.infer<typeof Input>;

/** Of the turn that may hand parts of its work over. */
export interface SubAgentParts {
  dependencies: Omit<TurnDependencies, "answer" | "review">;
  /** Tools of a helper's own: what it reads, the model that asked has not read. */
  helperTools: () => readonly Tool[];
  systemText: string;
}

/** Of one task. A helper that needs more has lost its way. */
const most = { steps: 20, minutes: 10 };

const assignment =
  "Another assistant gives you a part of its work. Only look, change nothing. Answer with what it needs to know: " +
  "facts, names, and places as path:line. Say plainly what you did not find.";

/**
 * Has the model look into something in a conversation of its own, of which only the answer comes back. It gets the
 * tools that only read, so that nobody need be asked, and none to hand work on. One after the other: a model on this
 * machine does two things at once no faster.
 */
export function taskTool(parts: SubAgentParts): Tool<Input> {
  let last: Promise<unknown> = Promise.resolve();
  const look = async (prompt: string, ...[signal, onOutput]: Parameters<PreparedCall["run"]>): Promise<ToolOutcome> => {
    const said = { text: prompt, attached: [{ source: "your part", text: assignment }] };
    const conversation = createConversation(parts.systemText);
    return await outcomeOf(runTurn(said, conversation, forHelper(parts), signal), onOutput);
  };
  return {
    name: "task",
    description: "Have a helper search and read for you; only its answer comes back",
    risk: "read",
    input: Input,
    subject: ({ prompt }) => prompt,
    prepare: ({ prompt }) =>
      Promise.resolve(
        ok({
          run: (signal, onOutput) => {
            const looking = last.then(() => look(prompt, signal, onOutput));
            last = looking.catch(() => undefined);
            return looking;
          },
        }),
      ),
  };
}

function forHelper({ dependencies, helperTools }: SubAgentParts): TurnDependencies {
  const tools = helperTools().filter(({ risk, name }) => risk === "read" && name !== "plan");
  const names = new Set(tools.map(({ name }) => name));
  const signatures = dependencies.signatures.filter(({ name }) => names.has(name));
  const { steps, minutes, outputTokens } = dependencies.limits;
  const limits = { steps: Math.min(steps, most.steps), minutes: Math.min(minutes, most.minutes), outputTokens };
  return { ...dependencies, tools, signatures, limits };
}

/** Shows each step as a line while it goes on. */
async function outcomeOf(events: AsyncIterable<AgentEvent>, onOutput: (delta: string) => void): Promise<ToolOutcome> {
  let answer = "";
  let calls = 0;
  for await (const event of events) {
    if (event.type === "tool-start") {
      calls++;
      onOutput(`${event.call.name} ${event.subject}\n`);
    }
    if (event.type === "message" && event.message.role === "assistant") answer = event.message.text.trim();
    if (event.type !== "turn-end") continue;
    const { reason, usage, error } = event;
    const summary = `${calls} ${calls === 1 ? "call" : "calls"}`;
    if (reason === "done" && answer !== "") return { status: "ok", text: answer, summary, usage };
    const why = error?.message ?? endings[reason] ?? "it said nothing";
    const text = [`error: the helper did not finish: ${why}`, answer].filter((part) => part !== "").join("\n");
    return { status: "failed", text, summary: "failed", usage };
  }
  throw new Error("a turn ended without its last event");
}

const endings: Partial<Record<Extract<AgentEvent, { type: "turn-end" }>["reason"], string>> = {
  "step-limit": "it took too many steps",
  "time-limit": "it took too long",
  "token-budget": "the tokens of this turn are spent",
  repetition: "it went in circles",
  length: "its answer was cut off",
  abort: "interrupted by the person",
};
