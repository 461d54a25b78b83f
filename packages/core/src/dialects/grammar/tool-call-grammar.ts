import type { ToolChoice, ToolSignature } from "../../protocol/tool-call.ts";
import { type CallFormat, core, namePlace, type ToolFormat } from "../format/tool-format.ts";
import type { TriggeredGrammar } from "../types.ts";
import { type CallPartsOptions, callParts, type Part } from "./call-parts.ts";
import { anyOf, GrammarRules, literal, sequence } from "./rules.ts";
import type { Separators } from "./value-syntax.ts";

export interface ToolCallGrammarOptions {
  choice: ToolChoice;
  /** Further calls may follow the first. */
  parallel: boolean;
  separators: Separators;
  override?: CallPartsOptions["override"] | undefined;
}

/**
 * The grammar of calls to exactly these tools, in the family's own syntax. With choice `auto` it sleeps until the
 * model begins a call; undefined for families whose calls begin with nothing of their own. When a call is required,
 * `forced` is the text with which the reply must begin, and the grammar holds from there on.
 */
export function toolCallGrammar(
  format: ToolFormat,
  tools: readonly ToolSignature[],
  options: ToolCallGrammarOptions,
): TriggeredGrammar | undefined {
  const { calls } = format;
  const offered = tools.filter((tool) => isOffered(tool, options.choice));
  if (calls === undefined || offered.length === 0) return undefined;
  const rules = new GrammarRules();
  const parts = replyParts(format, calls, offered, { ...options, rules });
  if (options.choice !== "auto") return forcedGrammar(rules, parts);
  const trigger = triggerOf(format, calls);
  return trigger === "" ? undefined : armedGrammar(rules, parts, trigger);
}

function isOffered(tool: ToolSignature, choice: ToolChoice): boolean {
  if (typeof choice === "string") return choice !== "none";
  return tool.name === choice.name;
}

interface ReplyOptions extends CallPartsOptions {
  parallel: boolean;
}

// oxlint-disable-next-line max-params -- a format, its calls, and what they are for
function replyParts(
  format: ToolFormat,
  calls: CallFormat,
  tools: readonly ToolSignature[],
  options: ReplyOptions,
): Part[] {
  if (format.messages !== undefined) return messageParts(format, calls, tools, options);
  const [open, close] = [
    `${calls.sectionOpen}${calls.list ? "[" : ""}`,
    `${calls.list ? "]" : ""}${calls.sectionClose}`,
  ];
  const one = (): Part[] => [{ text: calls.open }, ...choiceOf(calls, tools, options), { text: calls.close }];
  const first = one();
  const further: Part[] = options.parallel
    ? [{ gbnf: `( ${loose(calls.separator)} ${options.rules.shared("call", () => gbnfOf(first))} )*` }]
    : [];
  return [{ text: open }, ...first, ...further, { text: close }].filter(
    (part) => !("text" in part) || part.text !== "",
  );
}

/** One call of one of the tools: with a single tool all that is certain stays text. */
function choiceOf(calls: CallFormat, tools: readonly ToolSignature[], options: CallPartsOptions): Part[] {
  const ways = tools.map((tool) => callParts(calls, tool, options));
  const [only = []] = ways;
  if (ways.length === 1) return only;
  const shared = sharedText(ways.map(([first]) => (first !== undefined && "text" in first ? first.text : "")));
  const bodies = ways.map((parts, index) =>
    options.rules.add(`call-${tools[index]?.name ?? ""}`, gbnfOf(withoutText(parts, shared))),
  );
  return [{ text: shared }, { gbnf: anyOf(bodies) }];
}

/** Addressed messages name the tool in their header. */
// oxlint-disable-next-line max-params -- a format, its calls, and what they are for
function messageParts(
  format: ToolFormat,
  calls: CallFormat,
  tools: readonly ToolSignature[],
  options: ReplyOptions,
): Part[] {
  const { callHeader = "", messageClose = [] } = format.messages ?? {};
  const ways = tools.map((tool): Part[] => [
    { text: `${callHeader.replace(namePlace, tool.name)}${calls.sectionOpen}` },
    ...callParts(calls, tool, options),
    { text: calls.sectionClose },
  ]);
  const [only = []] = ways;
  const end: Part = { gbnf: `( ${anyOf(messageClose.map(literal))} )?` };
  if (ways.length === 1) return [...only, end];
  const shared = callHeader.slice(0, callHeader.indexOf(namePlace));
  const bodies = ways.map((parts, index) =>
    options.rules.add(`call-${tools[index]?.name ?? ""}`, gbnfOf(withoutText(parts, shared))),
  );
  return [{ text: shared }, { gbnf: anyOf(bodies) }, end];
}

function forcedGrammar(rules: GrammarRules, parts: readonly Part[]): TriggeredGrammar {
  const free = parts.findIndex((part) => "gbnf" in part);
  const certain = parts.slice(0, free).map((part) => ("text" in part ? part.text : ""));
  const root = defineRoot(rules, parts.slice(free));
  return { gbnf: rules.toString(), root, triggers: [], forced: certain.join("") };
}

/** What begins a call for certain; the grammar goes on behind it. */
function triggerOf({ messages }: ToolFormat, calls: CallFormat): string {
  if (messages !== undefined) return messages.callHeader.slice(0, messages.callHeader.indexOf(namePlace)).trimStart();
  const nameOpen = calls.body.kind === "tagged" ? calls.body.nameOpen : "";
  return core(calls.sectionOpen) || core(calls.open) || core(nameOpen);
}

function armedGrammar(rules: GrammarRules, parts: readonly Part[], trigger: string): TriggeredGrammar {
  const rest = withoutText(parts, trigger, true);
  const first = rest[0];
  // Many models break the line here also where their template does not.
  const begins = first !== undefined && "text" in first && first.text.startsWith("\n") ? [] : [{ gbnf: '"\\n"?' }];
  const root = defineRoot(rules, [...begins, ...rest]);
  return { gbnf: rules.toString(), root, triggers: [trigger], forced: "" };
}

function defineRoot(rules: GrammarRules, parts: readonly Part[]): string {
  const root = rules.reserve("root");
  rules.define(root, gbnfOf(parts));
  return root;
}

const gbnfOf = (parts: readonly Part[]): string =>
  sequence(...parts.map((part) => ("gbnf" in part ? part.gbnf : loose(part.text))));

/** A marker whose outer blanks may be missing: models do not always write them. */
function loose(text: string): string {
  const inner = text.trim();
  const start = text.length - text.trimStart().length;
  const blank = (blanks: string): string => (blanks === "" ? "" : `${literal(blanks)}?`);
  if (inner === "") return blank(text);
  return sequence(blank(text.slice(0, start)), literal(inner), blank(text.slice(start + inner.length)));
}

/** Without a text with which the parts begin. */
function withoutText(parts: readonly Part[], text: string, isLoose = false): Part[] {
  const [first, ...rest] = parts;
  if (text === "" || first === undefined || !("text" in first)) return [...parts];
  const own = isLoose ? first.text.trimStart() : first.text;
  if (own.startsWith(text)) return [{ text: own.slice(text.length) }, ...rest];
  const second = rest[0];
  return second !== undefined && "text" in second
    ? withoutText([{ text: own + second.text }, ...rest.slice(1)], text, isLoose)
    : [...parts];
}

function sharedText(texts: readonly string[]): string {
  const [first = "", ...others] = texts;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
