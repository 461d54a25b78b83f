import type { ParsedEvent } from "../../protocol/model-events.ts";
import type { ToolFormat } from "../format/tool-format.ts";
import type { ReplyStart } from "../parse/reply-parser.ts";
import { replyStart } from "../parse/reply-start.ts";
import { judgeLeaks, rescueBody } from "../parse/rescue.ts";
import { StreamParser } from "../parse/stream-parser.ts";
import { caseTools, type ChatCase } from "./chat-case.ts";

/** A reply as a message. The arguments of a call that the text ends in are their text so far. */
interface ParsedReply {
  content: string;
  reasoning: string;
  calls: { name: string; arguments: unknown }[];
}

export interface ParsedCase extends ParsedReply {
  /** Streaming the reply cut at each byte, and a byte at a time, gave the same. */
  splitsAgree: boolean;
}

/** Reads one case, whole and at every byte split. `promptEnd`: the prompt that the template gives for the case. */
export function parseCase(format: ToolFormat, chatCase: ChatCase, promptEnd: string): ParsedCase {
  const read = (pieces: readonly string[]): ParsedReply => readReply(format, chatCase, promptEnd, pieces);
  const whole = read([chatCase.input]);
  const wanted = JSON.stringify(whole);
  const splitsAgree = byteSplits(chatCase.input).every((pieces) => JSON.stringify(read(pieces)) === wanted);
  return { ...whole, splitsAgree };
}

/** The text in two pieces, cut behind each of its bytes; and in single bytes. */
function byteSplits(text: string): string[][] {
  const bytes = new TextEncoder().encode(text);
  const decode = (cuts: readonly number[]): string[] => {
    const decoder = new TextDecoder();
    return cuts.map((end, index) => decoder.decode(bytes.subarray(cuts[index - 1] ?? 0, end), { stream: true }));
  };
  const single = decode(Array.from(bytes, (_, index) => index + 1));
  return [single, ...Array.from(bytes, (_, index) => decode([index, bytes.length]))];
}

// oxlint-disable-next-line max-params -- a case, and how its text arrives
function readReply(format: ToolFormat, chatCase: ChatCase, promptEnd: string, pieces: readonly string[]): ParsedReply {
  const { params, is_partial: isPartial } = chatCase;
  const tools = caseTools(chatCase);
  let count = 0;
  const inText = params.reasoning_format === 0;
  const parser = new StreamParser(format, {
    tools,
    nextCallId: () => `call_${++count}`,
    ...startOf(format, chatCase, promptEnd),
    thoughts: inText ? "in-text" : "apart",
    rescue: rescueBody,
    judgeLeak: judgeLeaks(tools),
  });
  const events = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end(isPartial)];
  const reply = foldEvents(events, continued(chatCase, inText));
  return params.json_schema === "" ? reply : { ...reply, content: withoutFence(reply.content) };
}

function startOf(
  format: ToolFormat,
  { params }: ChatCase,
  promptEnd: string,
): { startsIn: ReplyStart; prewritten: string } {
  if (params.continue_final === 3) return { startsIn: "text", prewritten: "" };
  if (params.continue_final === 2) return { startsIn: "within-thought", prewritten: "" };
  return replyStart(format, [{ kind: "control", text: promptEnd }]);
}

/** What of the last message the reply goes on with. */
function continued({ params }: ChatCase, inText: boolean): ParsedReply {
  const last = params.continue_final === 0 ? undefined : params.messages.at(-1);
  const textOf = (key: string): string => (typeof last?.[key] === "string" ? last[key] : "");
  const content = params.continue_final === 3 ? textOf("content") : "";
  return { content, reasoning: inText ? "" : textOf("reasoning_content"), calls: [] };
}

function foldEvents(events: readonly ParsedEvent[], start: ParsedReply): ParsedReply {
  const reply = { ...start };
  const calls = new Map<string, { name: string; arguments: unknown }>();
  for (const event of events) {
    switch (event.type) {
      case "text-delta":
        reply.content += event.delta;
        break;
      case "thought-delta":
        reply.reasoning += event.delta;
        break;
      case "call-start":
        calls.set(event.id, { name: event.name, arguments: "" });
        break;
      case "call-delta": {
        const call = calls.get(event.id);
        if (call !== undefined) call.arguments = `${String(call.arguments)}${event.delta}`;
        break;
      }
      case "call-end":
        calls.set(event.call.id, { name: event.call.name, arguments: event.call.args });
        break;
      case "call-invalid":
    }
  }
  return { ...reply, calls: [...calls.values()] };
}

/** A schema-bound reply is JSON, which some models put into a code fence. */
function withoutFence(content: string): string {
  const fenced = /^\s*```(?:json)?\n([\s\S]*?)\n?```\s*$/.exec(content);
  return fenced?.[1] ?? content.trim();
}
