import * as z from "zod";

import { isAbort, TrustError } from "../protocol/errors.ts";
import { parseJson } from "../protocol/json.ts";
import type { Message } from "../protocol/messages.ts";
import { announcesAction } from "./intent.ts";
import type { Reply } from "./reply.ts";
import { countUsage, type Turn } from "./turn-state.ts";

const question =
  'Are you about to call a tool, or was that your final answer? Reply with {"next":"call"} or {"next":"final"}.';
const answerTokens = 16;
const Answer = z.object({ next: z.enum(["call", "final"]) });

/**
 * Whether a reply without calls only announced one, by asking the model itself, shortly and under a schema. Asked
 * once a turn at most; whatever goes wrong counts as a final answer. Nothing of it joins the conversation.
 */
export async function meantToCall(turn: Turn, reply: Reply): Promise<boolean> {
  const { profile, signatures } = turn.dependencies;
  const { message, finish } = reply;
  if (!profile.asksForNext || signatures.length === 0 || turn.recovery.askedForNext) return false;
  if (finish !== "stop" || message.calls.length > 0 || !announcesAction(message.text)) return false;
  turn.recovery.askedForNext = true;
  try {
    return parseJson(await ask(turn, message), Answer, "the model's answer").next === "call";
  } catch (error) {
    if (error instanceof TrustError || isAbort(error)) return false;
    throw error;
  }
}

async function ask(turn: Turn, message: Message): Promise<string> {
  const { model, signatures, profile } = turn.dependencies;
  const request = {
    messages: [...turn.conversation.view, message, { role: "user", text: question } as const],
    tools: signatures,
    toolChoice: "none",
    outputSchema: {
      type: "object",
      properties: { next: { enum: ["call", "final"] } },
      required: ["next"],
      additionalProperties: false,
    },
    maxTokens: answerTokens,
    sampling: { ...profile.sampling, temperature: 0 },
  } as const;
  let text = "";
  for await (const event of model.stream(request, turn.signal)) {
    if (event.type === "text-delta") text += event.delta;
    if (event.type === "finish") countUsage(turn, event.usage);
  }
  return text;
}
