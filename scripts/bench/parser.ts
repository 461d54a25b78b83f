import { createDialect, formatOf, hermesTags, qwenTags, type ToolFormat, writeCalls } from "@trust-cli/core/dialects";
import { parseUnknownJson, type ToolSignature } from "@trust-cli/core/protocol";

import { type Benchmark, median, type Measurement } from "./benchmark.ts";

const megabytes = 4;
const rounds = 7;
const pieceLengths = [64, 4096];
/** 20 MB/s. */
const goal = 50;

const tools: ToolSignature[] = [
  {
    name: "write_file",
    description: "Writes a file",
    parameters: {
      type: "object",
      properties: { path: { type: "string" }, content: { type: "string" } },
      required: ["path", "content"],
    },
  },
];

/** Code with the characters that JSON and markers make work of. */
function largeFile(): string {
  const lines: string[] = [];
  for (let number = 0, length = 0; length < megabytes * 1e6; number++) {
    const line = `  if (price[${number}] < limit && name !== "item ${number}") {\treturn \`<b>\${name}</b>\`; }\n`;
    lines.push(line);
    length += line.length;
  }
  return lines.join("");
}

interface Reply {
  name: string;
  format: ToolFormat;
  text: string;
}

function replies(): Reply[] {
  const file = largeFile();
  const calls = [{ name: "write_file", args: { path: "src/prices.ts", content: file } }];
  const json = formatOf(hermesTags);
  return [
    { name: "text", format: json, text: file },
    { name: "JSON call", format: json, text: writeCalls(hermesTags, calls) },
    { name: "tagged call", format: formatOf(qwenTags), text: writeCalls(qwenTags, calls, tools) },
  ];
}

function read({ format, text }: Reply, pieces: readonly string[]): number {
  const parser = createDialect(format).parser({ tools, prompt: [] });
  const began = process.cpuUsage();
  let events = 0;
  for (const piece of pieces) events += parser.push(piece).length;
  events += parser.end(false).length;
  const taken = millisecondsSince(began);
  if (events === 0) throw new Error("the parser said nothing");
  return taken / (text.length / 1e6);
}

function timeJson(written: string, length: number): number {
  const began = process.cpuUsage();
  parseUnknownJson(written, "the text");
  return millisecondsSince(began) / (length / 1e6);
}

/** Of the processor: other programs on the machine do not make it longer. */
function millisecondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

function cut(text: string, length: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += length) pieces.push(text.slice(at, at + length));
  return pieces;
}

/** Time for a megabyte, beside one JSON.parse of the same text as a string. */
export const parser: Benchmark = {
  name: "parser",
  run: () => Promise.resolve(replies().flatMap((reply) => pieceLengths.map((length) => measure(reply, length)))),
};

function measure(reply: Reply, pieceLength: number): Measurement {
  const pieces = cut(reply.text, pieceLength);
  const written = JSON.stringify(reply.text);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(read(reply, pieces));
    theirs.push(timeJson(written, reply.text.length));
  }
  const against = { name: "JSON.parse", value: median(theirs) };
  return { name: `parse ${reply.name}, pieces of ${pieceLength}`, value: median(ours), unit: "ms/MB", against, goal };
}
