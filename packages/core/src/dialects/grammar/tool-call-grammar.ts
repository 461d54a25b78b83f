import type { ToolChoice, ToolSignature } from "../../protocol/tool-call.ts";
import { hermesFormat, type ToolFormat } from "../tool-format.ts";
import type { TriggeredGrammar } from "../types.ts";
import { JsonRules, type Separators } from "./json-rules.ts";
import { GrammarRules, literal, sequence } from "./rules.ts";
import { callArgumentsExpression } from "./schema-grammar.ts";

export { exactSeparators, flexibleSeparators } from "./json-rules.ts";

export interface ToolCallGrammarOptions {
  choice: ToolChoice;
  /** Further calls may follow the first. */
  parallel: boolean;
  separators: Separators;
}

/**
 * The grammar of calls to exactly these tools. With choice `auto` it sleeps until the model opens a call;
 * when a call is required it holds from the first token on. Undefined when no call may be made.
 */
export function toolCallGrammar(
  tools: readonly ToolSignature[],
  { choice, parallel, separators }: ToolCallGrammarOptions,
): TriggeredGrammar | undefined {
  const offered = tools.filter((tool) => isOffered(tool, choice));
  if (offered.length === 0) return undefined;
  const rules = new GrammarRules();
  const json = new JsonRules(rules, separators);
  const open = literal(hermesFormat.callOpen);
  const call = rules.shared("call", () => callExpression(offered, json, hermesFormat));
  const further = parallel ? `( "\\n"? ${open} ${call} )*` : "";
  const forced = choice !== "auto";
  const root = rules.shared("root", () => sequence(forced ? open : "", call, further));
  return { gbnf: rules.toString(), root, triggers: forced ? [] : [hermesFormat.callOpen] };
}

function isOffered(tool: ToolSignature, choice: ToolChoice): boolean {
  if (typeof choice === "string") return choice !== "none";
  return tool.name === choice.name;
}

/** Everything after the open marker, the close marker included; each may have a newline inside it. */
function callExpression(tools: readonly ToolSignature[], json: JsonRules, format: ToolFormat): string {
  const { comma, colon, pad } = json.separators;
  const bodies = tools.map(({ name, parameters }) => {
    const head = `${literal(JSON.stringify(name))} ${comma} "\\"arguments\\"" ${colon}`;
    const argumentsRule = callArgumentsExpression(parameters, `arguments-${name}`, json);
    return json.rules.add(`call-${name}`, `${head} ${argumentsRule}`);
  });
  const object = sequence('"{"', pad, '"\\"name\\""', colon, `( ${bodies.join(" | ")} )`, pad, '"}"');
  return `"\\n"? ${object} "\\n"? ${literal(format.callClose)}`;
}
