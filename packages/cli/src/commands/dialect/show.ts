import type { ToolFormat } from "@trust-cli/core/dialects";
import { writeCalls } from "@trust-cli/core/dialects";
import { oneLine } from "@trust-cli/core/protocol";

import { printResult } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { dialectTools, namedTemplate, type TemplateFlags } from "./template.ts";

export async function showDialect(flags: TemplateFlags): Promise<number> {
  await using tools = await dialectTools(flags);
  using interrupt = interruptSignal();
  const { name, context } = await namedTemplate(flags, tools.settings, interrupt.signal);
  const { format } = await tools.open(context, interrupt.signal);
  printResult(flags.json, { name, ...format }, () => formatLines(name, format));
  return 0;
}

const sample = { name: "read_file", args: { path: "src/a.ts", from_line: 3 } };

function formatLines(name: string, format: ToolFormat): string {
  const lost = Object.entries(format.writes).flatMap(([what, can]) => (can ? [] : [what]));
  const rows: (readonly [string, string | undefined])[] = [
    ["template", name],
    ["known from", origins[format.origin.split(":")[0] ?? ""] ?? format.origin],
    ...replyRows(format),
    ...callRows(format),
    ["turn markers", format.turnMarkers.map(quoted).join(" ") || undefined],
    ["written plainly", lost.join(", ") || undefined],
  ];
  return rows
    .flatMap(([label, value]) => (value === undefined ? [] : [`${label.padEnd(15)} ${oneLine(value)}\n`]))
    .join("");
}

type Row = readonly [string, string | undefined];

function replyRows({ thought, answer, messages }: ToolFormat): Row[] {
  const begins = thought?.open || thought?.prewritten || "";
  return [
    ["thought", thought === undefined ? "none" : `${quoted(begins)} … ${quoted(thought.close)}`],
    ["answer", answer.open === "" ? "plain text" : `${quoted(answer.open)} … ${quoted(answer.close)}`],
    ["messages", messages && `each behind a header, up to ${messages.messageClose.map(quoted).join(", ")}`],
  ];
}

function callRows({ calls, parallel, argumentsAs, ids }: ToolFormat): Row[] {
  if (calls === undefined) return [["call syntax", "none"]];
  return [
    ["call syntax", callKinds[calls.body.kind]],
    ["a call", quoted(writeCalls(calls, [sample]))],
    ["parallel calls", parallel ? "yes" : "no"],
    ["arguments as", argumentsAs === "object" ? "objects" : "JSON texts"],
    ["ids", idForms[ids]],
  ];
}

const idForms = { own: undefined, nine: "nine letters and digits", functions: "functions.NAME:INDEX" } as const;

const origins: Readonly<Record<string, string>> = {
  template: "the template alone",
  generic: "nothing in the template: calls are plain tags of ours",
};

const callKinds = {
  json: "a JSON object with name and arguments",
  keyed: "a JSON object under the tool's name",
  named: "the tool's name, then its arguments as JSON",
  tagged: "tags around raw values",
  python: "a Python call",
  gemma: "a name with an object of bare keys",
  arguments: "arguments alone, behind a header with the name",
} as const;

const quoted = (text: string): string => JSON.stringify(text);
