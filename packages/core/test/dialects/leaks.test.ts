import { describe, expect, test } from "vitest";

import { createDialect, formatOf, qwenTags, writeCalls } from "../../src/dialects/index.ts";
import type { ToolSignature } from "../../src/protocol/tool-call.ts";
import { formatFor } from "./formats.ts";

const tools: ToolSignature[] = [
  {
    name: "read_file",
    description: "Read",
    parameters: {
      type: "object",
      properties: { path: { type: "string" } },
      required: ["path"],
      additionalProperties: false,
    },
  },
];

const llama = formatFor(
  "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% for c in m.tool_calls or [] %}[TOOL_CALL]{{ c.function | tojson }}[/TOOL_CALL]{% endfor %}{% endfor %}",
);

/** Text, and calls with their route, in the order in which they came. */
function read(reply: string, pieces = [reply]): string[] {
  const parser = createDialect(llama).parser({ tools, prompt: [] });
  const events = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end(false)];
  const found: string[] = [];
  for (const event of events) {
    if (event.type === "text-delta") found.push(event.delta);
    if (event.type === "call-end")
      found.push(`${event.call.via} ${event.call.name} ${JSON.stringify(event.call.args)}`);
  }
  return found;
}

const call = '{"name": "read_file", "arguments": {"path": "a.ts"}}';
const leaked = 'leak read_file {"path":"a.ts"}';

describe("a call that was printed as text", () => {
  test.each([
    ["as a bare object", call],
    ["in the tags of another family", `<tool_call>\n${call}\n</tool_call>`],
    ["as tags around raw values", writeCalls(qwenTags, [{ name: "read_file", args: { path: "a.ts" } }])],
    ["behind another family's marker", `[TOOL_CALLS][${call}]`],
    ["with other keys", '{"function": "read_file", "parameters": {"path": "a.ts"}}'],
  ])("%s counts where it fits a tool", (_how, text) => {
    expect(read(text)).toEqual([leaked]);
    expect(read(`I will look.\n${text}`)).toEqual(["I will look.", leaked]);
    expect(read(text, Array.from(text))).toEqual([leaked]);
  });

  test.each([
    ["names no tool", call.replace("read_file", "delete_all")],
    ["has arguments that do not fit", call.replace('"a.ts"', "3")],
    ["stands in a code fence", `\`\`\`json\n${call}\n\`\`\``],
    ["stands within a sentence", `For example ${call} reads it.`],
    ["is not whole", call.slice(0, -2)],
    ["is an object of something else", '{"name": "read_file", "version": "1.0"}'],
  ])("that %s is text", (_why, text) => {
    expect(read(text).join("")).toBe(text);
    expect(read(text, Array.from(text)).join("")).toBe(text);
  });

  test("in a thought is part of the thought", () => {
    expect(read(`<think>${call}</think>Done.`)).toEqual(["Done."]);
  });
});

describe("raw values in tags", () => {
  const dialect = createDialect(formatOf(qwenTags));
  const args = { path: "a.xml", content: "<parameter=x>\nvalue\n</parameter>\n<b>&amp;</b>" };
  const write: ToolSignature = {
    name: "write_file",
    description: "Write",
    parameters: { type: "object", properties: { path: { type: "string" }, content: { type: "string" } } },
  };

  test("may hold the very markers that end values", () => {
    const parser = dialect.parser({ tools: [write], prompt: [] });
    const text = writeCalls(qwenTags, [{ name: "write_file", args }], [write]);
    const events = [...parser.push(text), ...parser.end(false)];
    expect(events.at(-1)).toMatchObject({ type: "call-end", call: { args } });
  });

  test("are streamed as the JSON that they become", () => {
    const parser = dialect.parser({ tools: [write], prompt: [] });
    const text = writeCalls(
      qwenTags,
      [{ name: "write_file", args: { path: "a", content: 'line "1"\nline 2' } }],
      [write],
    );
    const events = [...Array.from(text).flatMap((piece) => parser.push(piece)), ...parser.end(false)];
    const deltas = events.flatMap((event) => (event.type === "call-delta" ? [event.delta] : []));
    expect(deltas.join("")).toBe('{"path": "a", "content": "line \\"1\\"\\nline 2"}');
    expect(deltas.length).toBeGreaterThan(10);
  });
});
