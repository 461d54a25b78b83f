import { readFileSync } from "node:fs";

import type { Message } from "../../src/protocol/messages.ts";
import type { ToolSignature } from "../../src/protocol/tool-call.ts";

export const templateNames = ["nano", "qwen2.5", "qwq", "hermes-2-pro"] as const;

export const template = (name: string): string =>
  readFileSync(new URL(`../fixtures/templates/${name}.jinja`, import.meta.url), "utf8");

export const specialTokens = [
  "<|im_start|>",
  "<|im_end|>",
  "<|endoftext|>",
  "<tool_call>",
  "</tool_call>",
  "<tool_response>",
  "</tool_response>",
  "<think>",
  "</think>",
  "im_start",
];

/** A conversation in which `content` stands wherever a person, a file or a model can put text. */
export function conversationWith(content: string): { messages: Message[]; tools: ToolSignature[] } {
  const args = { [`key ${content}`]: content, nested: { list: [content, 1, null], [content]: true } };
  const call = { id: "call_1", name: "read_file", args, raw: "", via: "parsed" as const, repairs: [] };
  const summary = "";
  return {
    messages: [
      { role: "system", text: `You help. ${content}` },
      { role: "user", text: `a ${content} b` },
      { role: "assistant", text: `c ${content} d`, thought: `e ${content} f`, calls: [call] },
      { role: "tool", callId: "call_1", name: "read_file", status: "ok", text: `g ${content} h`, summary },
      { role: "user", text: `i ${content} j` },
    ],
    tools: [
      {
        name: "read_file",
        description: `Read ${content} it`,
        parameters: {
          type: "object",
          properties: { path: { type: "string", description: `k ${content} l` } },
          required: ["path"],
        },
      },
    ],
  };
}
