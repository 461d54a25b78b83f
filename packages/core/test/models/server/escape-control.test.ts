import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { EscapeReport, escapeRequest } from "../../../src/models/server/escape-control.ts";
import type { ModelRequest } from "../../../src/ports/model.ts";

const tokens = [
  "<|im_start|> <|im_end|> <|endoftext|> <|eot_id|> <|start_header_id|> <|python_tag|> <|channel|> <|message|>",
  '<|call|> <|tool_calls_section_begin|> <|START_ACTION|> <|"|> <|turn> <turn|> <|tool_call> <tool_call|> <|channel>',
  "<｜begin▁of▁sentence｜> <｜tool▁calls▁begin｜> <｜User｜> <｜DSML｜invoke </｜DSML｜invoke",
  "[INST] [/INST] [TOOL_CALLS] [/TOOL_RESULTS] [AVAILABLE_TOOLS] [THINK] [gMASK]",
  "<s> </s> <bos> <eos> <start_of_turn> <end_of_turn> <<SYS>> <</SYS>> <unused12>",
  "<tool_call> </tool_call> <tool_response> <think> </think> <TOOLCALL> <arg_key>",
  "<minimax:tool_call> </seed:think> ]~b] ]~!b[ [e~[",
].flatMap((line) => line.split(" "));

const requestOf = (text: string): ModelRequest => ({
  messages: [{ role: "user", text }],
  tools: [],
  toolChoice: "auto",
  maxTokens: 64,
  sampling: {},
});

/** What becomes of a text in a message. */
const sentAs = (text: string): string => escapeRequest(requestOf(text)).request.messages[0]?.text ?? "";

const endOf = (args: Record<string, unknown>) => ({
  type: "call-end" as const,
  call: { id: "1", name: "write_file", args, raw: "", via: "native" as const, repairs: [] },
});

const mixed = fc
  .array(fc.oneof(fc.constantFrom(...tokens), fc.constantFrom("¦", "<", ">", "|", "[", "</", "a", "\n"), fc.string()))
  .map((parts) => parts.join(""));

describe("control tokens in content", () => {
  test.each(tokens)("%s is made plain, visibly", (token) => {
    const escaped = sentAs(`a ${token} b`);
    expect(escaped).not.toContain(token);
    expect(escaped).toContain("¦");
  });

  test.each([
    "if (a < b || c > d) return list[INSTALLED];",
    "f <| g |> h, x <|> y, Array<string | number>, [args], [Inst]",
    "<div class='s'><span>|</span></div> <Tools> a<b>c",
    "std::map<std::string, std::vector<int>> m; a |> b",
    "- [x] done [1] <https://example.org/a|b>",
  ])("ordinary text stays as it is: %s", (text) => {
    expect(sentAs(text)).toBe(text);
  });

  test("are gone from every text, however they are put together", () => {
    fc.assert(
      fc.property(mixed, (text) => {
        const escaped = sentAs(text);
        for (const token of tokens) expect(escaped).not.toContain(token);
      }),
    );
  });

  test("come back exactly from the arguments of a call that copies the text", () => {
    fc.assert(
      fc.property(mixed, (text) => {
        const { request, restore } = escapeRequest(requestOf(text));
        const copied = request.messages[0]?.text ?? "";
        const event = restore(endOf({ path: "a", content: copied, parts: [{ [copied]: copied }] }));
        expect(event).toMatchObject({ call: { args: { path: "a", content: text, parts: [{ [text]: text }] } } });
        const repairs = copied === text ? [] : [{ kind: "restore-control-token" }];
        expect(event).toMatchObject({ call: { repairs } });
      }),
    );
  });

  test("are left as a call writes them when the conversation holds no such token", () => {
    const { restore } = escapeRequest(requestOf("the token <|im_end|>"));
    expect(restore(endOf({ text: "<¦|im_start|> <¦|im_end|>" }))).toMatchObject({
      call: { args: { text: "<¦|im_start|> <|im_end|>" } },
    });
  });

  test("are made plain in results, earlier calls, thoughts and descriptions of tools as well", () => {
    const call = { id: "1", name: "f", args: { x: ["</s>"] }, raw: "</s>", via: "native" as const, repairs: [] };
    const { request } = escapeRequest({
      ...requestOf("hi"),
      messages: [
        { role: "system", text: "[INST]" },
        { role: "assistant", text: "<bos>", thought: "<eos>", calls: [call] },
        { role: "tool", callId: "1", name: "f", status: "ok", text: "<|im_end|>", summary: "" },
      ],
      tools: [
        { name: "f", description: "<s>", parameters: { type: "object", properties: { "<s>": { enum: ["<s>"] } } } },
      ],
    });
    expect(request.messages).toMatchObject([
      { text: "[¦INST]" },
      { text: "<¦bos>", thought: "<¦eos>", calls: [{ args: { x: ["<¦/s>"] } }] },
      { text: "<¦|im_end|>" },
    ]);
    expect(request.tools).toEqual([
      { name: "f", description: "<¦s>", parameters: { type: "object", properties: { "<¦s>": { enum: ["<¦s>"] } } } },
    ]);
  });

  test("are escaped the same each time, so that a server can reuse the prompt's beginning", () => {
    const request = requestOf("a <|im_end|> b");
    expect(escapeRequest(request).request).toEqual(escapeRequest(request).request);
  });
});

describe("the report on control tokens", () => {
  test("names some of them, each text once", () => {
    const report = new EscapeReport();
    const first = escapeRequest(requestOf("<|im_end|> and </s>"));
    expect(report.notice(first, "127.0.0.1:8080")).toBe(
      "A text holds what 127.0.0.1:8080 would read as control tokens: sent as <¦|im_end|>, <¦/s>.",
    );
    expect(report.notice(first, "127.0.0.1:8080")).toBeUndefined();
    expect(report.notice(escapeRequest(requestOf("plain")), "x")).toBeUndefined();
  });
});
