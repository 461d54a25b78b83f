import type { Message } from "../../protocol/messages.ts";
import type { JsonSchema, ToolCall, ToolSignature } from "../../protocol/tool-call.ts";

/** One short request, and what a good reply to it is. */
export interface Probe {
  id: string;
  messages: readonly Message[];
  /** Judges what the model said, and the calls that it made: their names resolved, their arguments valid. */
  judge(text: string, calls: readonly ToolCall[]): boolean;
}

const tool = (name: string, description: string, required: string[], properties: Record<string, JsonSchema>) => ({
  name,
  description,
  parameters: { type: "object" as const, properties, required },
});

const text = (description: string): JsonSchema => ({ type: "string", description });

/** The same for every probe, so that a prompt's beginning is read once. Nothing of them is ever run. */
export const probeTools: readonly ToolSignature[] = [
  tool("read_file", "Reads a text file", ["path"], {
    path: text("The file's path"),
    from_line: { type: "integer", description: "The first line to read; all lines when left out" },
  }),
  tool("search_text", "Searches all files for a text", ["pattern"], {
    pattern: text("What to search for"),
    kind: { enum: ["text", "regex"], description: "How to read the pattern" },
    folder: text("Search only below this folder; everywhere when left out"),
  }),
  tool("set_timer", "Starts a timer", ["minutes"], {
    minutes: { type: "number", description: "How long, in minutes" },
    label: text("A name for it"),
  }),
  tool("send_message", "Sends a message to a person", ["to", "text"], {
    to: text("The person's name"),
    text: text("The message, word for word"),
  }),
];

const system: Message = {
  role: "system",
  text: "You help a person with tools. Call a tool when one is needed. Leave out arguments that were not asked for. Never invent a value: when one is missing, ask for it.",
};

const asking = (question: string): readonly Message[] => [system, { role: "user", text: question }];

type Arguments = Readonly<Record<string, unknown>>;

/** Exactly one call, of this tool, with these arguments; `free` ones may have any of these values or be left out. */
const oneCall =
  (name: string, expected: Arguments, free: Readonly<Record<string, readonly unknown[]>> = {}): Probe["judge"] =>
  (_, calls) => {
    const [call] = calls;
    return calls.length === 1 && call?.name === name && fits(call.args, expected, free);
  };

function fits(args: Arguments, expected: Arguments, free: Readonly<Record<string, readonly unknown[]>>): boolean {
  const keys = new Set([...Object.keys(args), ...Object.keys(expected)]);
  return Array.from(keys).every((key) =>
    key in expected ? Object.is(args[key], expected[key]) : free[key]?.includes(args[key]) === true,
  );
}

const talks: Probe["judge"] = (said, calls) => calls.length === 0 && said.trim() !== "";

const quoted = 'She said "no".\nPath: C:\\temp\\new';

const earlierCall: ToolCall = {
  id: "probe_1",
  name: "read_file",
  args: { path: "server.conf" },
  raw: '{"path": "server.conf"}',
  via: "native",
  repairs: [],
};

/** What a model must be able to do with tools, one thing each. */
export const probes: readonly Probe[] = [
  {
    id: "right tool",
    messages: asking("Read the file README.md."),
    judge: oneCall("read_file", { path: "README.md" }),
  },
  {
    id: "optional argument",
    messages: asking("Read the file log.txt from line 120."),
    judge: oneCall("read_file", { path: "log.txt", from_line: 120 }),
  },
  {
    id: "optional left out",
    messages: asking("Search all files for the text TODO."),
    judge: oneCall("search_text", { pattern: "TODO" }, { kind: ["text"] }),
  },
  {
    id: "enumeration",
    messages: asking("Search the folder src for the regular expression ^import."),
    judge: oneCall("search_text", { pattern: "^import", kind: "regex", folder: "src" }),
  },
  { id: "number", messages: asking("Set a timer for 2.5 minutes."), judge: oneCall("set_timer", { minutes: 2.5 }) },
  {
    id: "blanks in a path",
    messages: asking('Read the file "Meeting notes/May 4.txt".'),
    judge: oneCall("read_file", { path: "Meeting notes/May 4.txt" }),
  },
  {
    id: "other scripts",
    messages: asking("Search for the text größer in the folder docs/über."),
    judge: oneCall("search_text", { pattern: "größer", folder: "docs/über" }, { kind: ["text"] }),
  },
  {
    id: "quotes and line breaks",
    messages: asking(`Send Ann exactly this message:\n\n${quoted}`),
    judge: oneCall("send_message", { to: "Ann", text: quoted }),
  },
  {
    id: "two calls",
    messages: asking("Read both files: a.txt and b.txt."),
    judge: (_, calls) => calls[0]?.name === "read_file" && fits(calls[0].args, { path: "a.txt" }, {}),
  },
  { id: "no call", messages: asking("What is 2 + 2? Just answer."), judge: talks },
  { id: "missing value", messages: asking("Send a message to Ann."), judge: talks },
  {
    id: "result",
    messages: [
      ...asking("Which port does server.conf name?"),
      { role: "assistant", text: "", calls: [earlierCall] },
      { role: "tool", callId: "probe_1", name: "read_file", status: "ok", text: "port = 8417", summary: "1 line" },
    ],
    judge: (said, calls) => calls.length === 0 && said.includes("8417"),
  },
];

/** In characters. */
export const resultLengths = [800, 1600, 3200, 6400, 12_800] as const;

/** The last probe, with a result of so many characters and what is asked for in its middle. */
export function resultProbe(length: number): Probe {
  const rows = Math.floor(length / 32);
  const lines = Array.from({ length: rows }, (_, row) =>
    row === Math.floor(rows / 2) ? "port = 8417" : `option_${1000 + row} = value number ${1000 + row * 7}`,
  );
  return {
    id: `result of ${length} characters`,
    messages: [
      ...asking("Which port does server.conf name?"),
      { role: "assistant", text: "", calls: [earlierCall] },
      {
        role: "tool",
        callId: "probe_1",
        name: "read_file",
        status: "ok",
        text: lines.join("\n"),
        summary: `${rows} lines`,
      },
    ],
    judge: (said, calls) => calls.length === 0 && said.includes("8417"),
  };
}

/** Whether the calls of the probe for two are two. */
export const areBoth = (calls: readonly ToolCall[]): boolean =>
  ["a.txt", "b.txt"].every((path, index) => calls[index]?.args["path"] === path);
