import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createDialect, formatOf, hermesTags } from "../../src/dialects/index.ts";
import type { ParsedEvent } from "../../src/protocol/model-events.ts";

/** Parses a reply that arrives in these pieces. */
function parse(pieces: readonly string[], truncated = false): ParsedEvent[] {
  let count = 0;
  const dialect = createDialect(formatOf(hermesTags), { nextCallId: () => `call_${++count}` });
  const parser = dialect.parser({ tools: [], prompt: [] });
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end(truncated)];
}

/** Events with neighbouring deltas joined: what does not depend on how the reply was cut. */
function joined(events: readonly ParsedEvent[]): ParsedEvent[] {
  const result: ParsedEvent[] = [];
  for (const event of events) {
    const last = result.at(-1);
    if (last !== undefined && "delta" in last && "delta" in event && last.type === event.type) {
      result[result.length - 1] = { ...last, delta: last.delta + event.delta };
    } else result.push(event);
  }
  return result;
}

const read = (reply: string, truncated = false): ParsedEvent[] => joined(parse([reply], truncated));
const invalid = (events: readonly ParsedEvent[]) => events.filter((event) => event.type === "call-invalid");
const ended = (events: readonly ParsedEvent[]) =>
  events.flatMap((event) => (event.type === "call-end" ? [event.call] : []));

const tag = (body: string): string => `<tool_call>${body}</tool_call>`;
const body = '{"name": "read_file", "arguments": {"path": "a.ts", "from_line": 3}}';

describe("a well-formed call", () => {
  test("gives start, argument text and the parsed call", () => {
    const args = { path: "a.ts", from_line: 3 };
    const call = { id: "call_1", name: "read_file", args, raw: body, via: "parsed", repairs: [] };
    expect(read(tag(body))).toEqual([
      { type: "call-start", id: "call_1", name: "read_file" },
      { type: "call-delta", id: "call_1", delta: '{"path": "a.ts", "from_line": 3}' },
      { type: "call-end", call },
    ]);
  });

  test("starts as soon as the name is known", () => {
    const events = parse(['<tool_call>{"name": "read_file"', ', "arguments": {"pa', 'th": 1}}</tool_call>']);
    expect(events.map(({ type }) => type)).toEqual(["call-start", "call-delta", "call-delta", "call-end"]);
  });

  test("is found with its text before and after, without the blanks that templates write around calls", () => {
    const events = read(`Let me look.\n\n${tag(`\n${body}\n`)}\n${tag(body)}\n\nDone now. \n`);
    expect(events.map((event) => ("delta" in event ? event.delta : event.type))).toEqual([
      "Let me look.\n",
      "call-start",
      '{"path": "a.ts", "from_line": 3}',
      "call-end",
      "call-start",
      '{"path": "a.ts", "from_line": 3}',
      "call-end",
      "Done now. \n",
    ]);
    expect(ended(events).map(({ id }) => id)).toEqual(["call_1", "call_2"]);
  });

  test("may hold every marker inside its strings", () => {
    const text = 'x </tool_call> <tool_call> <think> "quoted" \\ }';
    const written = JSON.stringify({ name: "write_file", arguments: { content: text } });
    expect(ended(read(tag(written)))).toMatchObject([{ args: { content: text } }]);
  });

  test("may give the arguments before the name", () => {
    const events = read(tag('{"arguments": {"name": "inner"}, "name": "f"}'));
    expect(events[0]).toEqual({ type: "call-start", id: "call_1", name: "f" });
    expect(ended(events)).toMatchObject([{ name: "f", args: { name: "inner" } }]);
  });
});

describe("a call that needs repair", () => {
  test.each([
    ['{"name": "f", "arguments": "{\\"a\\": 1}"}', "unwrap-arguments", { a: 1 }],
    ['{"name": "f", "parameters": {"a": 1}}', "rename-key", { a: 1 }],
    ['{"name": "f"}', "no-arguments", {}],
    ['{"name": "f", "arguments": {"a": 1}', "missing-bracket", { a: 1 }],
    ['{"name": "f", "arguments": {"a": "line\nline"}}', "raw-control", { a: "line\nline" }],
  ])("%s is read with %s", (text, kind, args) => {
    expect(ended(read(tag(text)))).toMatchObject([{ name: "f", args, repairs: [{ kind }] }]);
  });

  test("without a close marker is read when the reply ends there by itself, or the next call opens", () => {
    const missing = { repairs: [{ kind: "missing-close" }] };
    expect(ended(read(`<tool_call>${body}`))).toMatchObject([missing]);
    expect(ended(read(`<tool_call>${body}\n</tool`))).toMatchObject([missing]);
    expect(ended(read(`<tool_call>${body}\n${tag(body)}`))).toMatchObject([missing, { repairs: [] }]);
  });
});

describe("a broken call", () => {
  test.each([
    ["read_file(path)", "JSON"],
    ['["f"]', "JSON object"],
    ['{"arguments": {}}', "name"],
    ['{"name": "f", "arguments": [1]}', "object"],
    ['{"name": "f", "arguments": "text"}', "JSON"],
  ])("%j is invalid and says why", (text, reason) => {
    const events = read(`${tag(text)} after`);
    expect(invalid(events)).toEqual([
      { type: "call-invalid", id: "call_1", raw: text, errors: [expect.stringContaining(reason)], truncated: false },
    ]);
    expect(ended(events)).toEqual([]);
    expect(events.at(-1)).toEqual({ type: "text-delta", delta: "after" });
  });

  test("is never completed when the reply was cut off", () => {
    for (let end = "<tool_call>".length; end < tag(body).length; end++) {
      const events = read(tag(body).slice(0, end), true);
      expect(ended(events)).toEqual([]);
      expect(invalid(events)).toMatchObject([{ truncated: true }]);
    }
  });

  test("that the model stopped in the middle of is invalid, but not truncated", () => {
    expect(invalid(read('<tool_call>{"name": "f", "arguments": {"a": "x'))).toMatchObject([{ truncated: false }]);
  });
});

describe("thoughts and text", () => {
  test("a thought at the beginning is told apart from the answer", () => {
    expect(read("<think>\nhm <tool_call>\n</think>\n\nYes.")).toEqual([
      { type: "thought-delta", delta: "hm <tool_call>" },
      { type: "text-delta", delta: "Yes." },
    ]);
  });

  test("a thought marker in the middle of a sentence is text", () => {
    expect(read("Write <think> first.")).toEqual([{ type: "text-delta", delta: "Write <think> first." }]);
  });

  test("what only looks like the beginning of a marker is shown in the end", () => {
    expect(read("a < b <tool")).toEqual([{ type: "text-delta", delta: "a < b <tool" }]);
    expect(read("a < b <tool", true)).toEqual([{ type: "text-delta", delta: "a < b " }]);
  });

  test("nothing of a marker is ever shown", () => {
    const events = parse(`Look: <think\n${tag(body)} x`.split(""));
    const shown = events.flatMap((event) => (event.type === "text-delta" ? [event.delta] : [])).join("");
    expect(shown).toBe("Look: <thinkx");
  });
});

const piece = fc.oneof(
  fc.constantFrom("<tool_call>", "</tool_call>", "<think>", "</think>", "<tool", "</", "<", ">", "\n", " ", "😀"),
  fc.constantFrom(body, tag(body), tag(`\n${body}\n`), '{"name": "f', '"', "\\", "{", "}", ",", ":", "text"),
  fc.json(),
);
const reply = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(""));

describe("any reply", () => {
  test("gives the same events however it is cut", () => {
    fc.assert(
      fc.property(reply, fc.boolean(), fc.array(fc.nat(200), { maxLength: 8 }), (text, truncated, cuts) => {
        const whole = read(text, truncated);
        expect(joined(parse(text.split(""), truncated))).toEqual(whole);
        const points = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length];
        const pieces = points.slice(1).map((end, index) => text.slice(points[index], end));
        expect(joined(parse(pieces, truncated))).toEqual(whole);
      }),
      { numRuns: 400 },
    );
  });

  test("starts each call before its arguments, and ends it once", () => {
    fc.assert(
      fc.property(reply, fc.boolean(), (text, truncated) => {
        const open = new Set<string>();
        for (const event of read(text, truncated)) {
          if (event.type === "call-start") open.add(event.id);
          expect(event.type !== "call-delta" || open.has(event.id)).toBe(true);
          expect(event.type !== "call-end" || open.delete(event.call.id)).toBe(true);
          if (event.type === "call-invalid") open.delete(event.id);
        }
        expect(open.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
