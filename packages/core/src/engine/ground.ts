import type { GroundQuery } from "../ports/tool.ts";
import type { Candidates, ToolCall } from "../protocol/tool-call.ts";
import type { Turn } from "./turn-state.ts";

/** What the next reply's grounded arguments may be; undefined for models that need no such help. */
export async function groundedIn(turn: Turn): Promise<Candidates | undefined> {
  const { profile, grounding } = turn.dependencies;
  return profile.grounded === true ? grounding?.candidates(queryOf(turn), turn.signal) : undefined;
}

/** Why a call names what there is not: not every backend can hold a model to candidates. */
export async function objectionTo(turn: Turn, call: ToolCall): Promise<string | undefined> {
  const { profile, grounding } = turn.dependencies;
  return profile.grounded === true ? grounding?.objection(call, queryOf(turn), turn.signal) : undefined;
}

const queryOf = ({ dependencies, conversation, changes }: Turn): GroundQuery => ({
  tools: dependencies.tools,
  messages: conversation.log,
  changes,
});
