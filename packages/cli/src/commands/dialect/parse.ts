import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { casePrompts, ChatCase, createDialect, parseCase } from "@trust-cli/core/dialects";
import type { ChatTemplate } from "@trust-cli/core/models";
import { parseJson, type ParsedEvent, TrustError } from "@trust-cli/core/protocol";

import { readStandardInput } from "../../print/standard-input.ts";
import { printResult } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { readTools } from "./render.ts";
import { type DialectTools, dialectTools, namedTemplate, openText, readText, type TemplateFlags } from "./template.ts";

export type ParseFlags = TemplateFlags & { tools?: string; cases?: string; templates?: string };

const hint = "trust dialect parse --help";

export async function parseReplies(flags: ParseFlags): Promise<number> {
  await using tools = await dialectTools(flags);
  using interrupt = interruptSignal();
  if (flags.cases === undefined) return await parseOne(flags, tools, interrupt.signal);
  if (flags.json === true) {
    throw new TrustError("USAGE", "--cases prints one answer a line; leave out --json", { hint });
  }
  if (flags.templates === undefined) {
    throw new TrustError("USAGE", "--cases needs --templates, the folder with the templates that they name");
  }
  await parseCases(resolve(tools.settings.workspace.root, flags.cases), flags.templates, tools, interrupt.signal);
  return 0;
}

async function parseOne(flags: ParseFlags, tools: DialectTools, signal: AbortSignal): Promise<number> {
  const text = await readStandardInput(true, signal);
  if (text === undefined) throw new TrustError("USAGE", "stdin holds no reply", { hint });
  const { context } = await namedTemplate(flags, tools.settings, signal);
  const { format } = await tools.open(context, signal);
  const offered = flags.tools === undefined ? [] : readTools(flags.tools);
  const parser = createDialect(format).parser({ tools: offered, prompt: [] });
  const events = [...parser.push(text), ...parser.end(false)];
  printResult(flags.json, events, () => events.map(eventLine).join(""));
  return 0;
}

function eventLine(event: ParsedEvent): string {
  switch (event.type) {
    case "text-delta":
      return `text      ${JSON.stringify(event.delta)}\n`;
    case "thought-delta":
      return `thought   ${JSON.stringify(event.delta)}\n`;
    case "call-start":
      return `call      ${event.name}\n`;
    case "call-delta":
      return "";
    case "call-end": {
      const repairs = event.call.repairs.map(({ kind, detail }) => `repair    ${kind}: ${detail}\n`).join("");
      const leak = event.call.via === "leak" ? "leak      printed as text\n" : "";
      return `arguments ${JSON.stringify(event.call.args)}\n${leak}${repairs}`;
    }
    case "call-invalid":
      return `invalid   ${event.errors.join("; ")}${event.truncated ? " (cut off)" : ""}\n`;
  }
}

/** One line out for each case, in order; a case that cannot be read is a line with its error. */
async function parseCases(path: string, folder: string, tools: DialectTools, signal: AbortSignal): Promise<void> {
  const templates = resolve(tools.settings.workspace.root, folder);
  const opened = new Map<string, Promise<ChatTemplate>>();
  const cases = await openText(path);
  const lines = createInterface({ input: cases.createReadStream(), crlfDelay: Infinity });
  let index = 0;
  for await (const line of lines) {
    if (line.trim() === "") continue;
    signal.throwIfAborted();
    const chatCase = parseJson(line, ChatCase, `line ${index + 1} of ${basename(path)}`);
    const file = basename(chatCase.template);
    const context = { template: readText(join(templates, file)), specialTokens: [], bosToken: "", eosToken: "" };
    const opening = opened.get(file) ?? tools.open(context, signal);
    opened.set(file, opening);
    const { format } = await opening;
    const rendered = await tools.engine.render(context.template, casePrompts(chatCase), signal);
    const promptEnd = rendered.flatMap((one) => ("text" in one ? [one.text] : []))[0] ?? "";
    process.stdout.write(`${JSON.stringify({ index, ...parseCase(format, chatCase, promptEnd) })}\n`);
    index++;
  }
}
