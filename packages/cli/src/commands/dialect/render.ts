import type { Message, ToolSignature } from "@trust-cli/core/protocol";
import { parseJson, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

import { readStandardInput } from "../../print/standard-input.ts";
import { printResult } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { dialectTools, namedTemplate, readText, type TemplateFlags } from "./template.ts";

export type RenderFlags = TemplateFlags & { tools?: string; thinking: boolean };

export async function renderConversation(flags: RenderFlags): Promise<number> {
  const text = await readStandardInput(true);
  if (text === undefined)
    throw new TrustError("USAGE", "stdin holds no conversation", { hint: "trust dialect render --help" });
  const messages = parseJson(text, Conversation, "the conversation on stdin").map(messageOf);
  await using tools = await dialectTools(flags);
  using interrupt = interruptSignal();
  const { context } = await namedTemplate(flags, tools.settings, interrupt.signal);
  const chat = await tools.open(context, interrupt.signal);
  const offered = flags.tools === undefined ? [] : readTools(flags.tools);
  const thinking = flags.thinking ? {} : { thinking: false };
  const request = { messages, tools: offered, addGenerationPrompt: true, ...thinking };
  const segments = await chat.render(request, interrupt.signal);
  printResult(flags.json, segments, () => `${segments.map((segment) => segment.text).join("")}\n`);
  return 0;
}

/** Messages as chat APIs write them. */
const Conversation = z.array(
  z.looseObject({
    role: z.enum(["system", "user", "assistant", "tool"]),
    content: z.string().nullish(),
    reasoning_content: z.string().optional(),
    name: z.string().optional(),
    tool_call_id: z.string().optional(),
    tool_calls: z
      .array(
        z.looseObject({
          id: z.string().default(""),
          function: z.looseObject({
            name: z.string(),
            arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
          }),
        }),
      )
      .optional(),
  }),
);

function messageOf(message: z.infer<typeof Conversation>[number]): Message {
  const { role, content, name = "", tool_call_id: callId = "" } = message;
  const text = content ?? "";
  if (role === "tool") return { role, callId, name, status: "ok", text, summary: "" };
  if (role !== "assistant") return { role, text };
  const thought = message.reasoning_content;
  const calls = (message.tool_calls ?? []).map(({ id, function: { name: called, arguments: given } }) => ({
    id,
    name: called,
    args: argumentsOf(given),
    raw: "",
    via: "native" as const,
    repairs: [],
  }));
  return { role, text, calls, ...(thought === undefined ? {} : { thought }) };
}

const Arguments = z.record(z.string(), z.unknown());
const argumentsOf = (given: string | Record<string, unknown>): Record<string, unknown> =>
  typeof given === "string" ? parseJson(given, Arguments, "the arguments of a call") : given;

const Signature = z.looseObject({
  name: z.string(),
  description: z.string().default(""),
  parameters: z.looseObject({ type: z.literal("object").default("object") }).default({ type: "object" }),
});

/** Tool signatures as Trust writes them, or each under `function`, as chat APIs do. */
export function readTools(path: string): ToolSignature[] {
  const list = parseJson(readText(path), z.array(z.unknown()), path);
  return list.map((tool) => {
    const wrapped = z.looseObject({ function: Signature }).safeParse(tool);
    const read = wrapped.success ? wrapped.data.function : Signature.safeParse(tool).data;
    if (read === undefined)
      throw new TrustError("INPUT_INVALID", `${path} holds what is no tool signature`, {
        hint: "[{name, description, parameters}]",
      });
    return read;
  });
}
