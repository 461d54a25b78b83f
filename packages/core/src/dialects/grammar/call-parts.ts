import type { JsonSchema, ToolSignature } from "../../protocol/tool-call.ts";
import { type CallBody, type CallFormat, keyPlace, type TaggedBody } from "../format/tool-format.ts";
import { type ArgumentList, argumentLists, argumentsExpression, type CallArgument } from "./arguments-grammar.ts";
import type { JsonType } from "./keywords.ts";
import { propertySequence } from "./property-sequence.ts";
import { rawTextThrough } from "./raw-text.ts";
import { anyOf, type GrammarRules, literal, oneText, sequence } from "./rules.ts";
import type { GrammarContext } from "./schema-compiler.ts";
import { schemaExpression } from "./schema-grammar.ts";
import { isQuoted, written as writtenText } from "./string-rules.ts";
import { gemmaSyntax, jsonSyntax, pythonSyntax, type Separators, type ValueSyntax } from "./value-syntax.ts";

/** A piece of a call: text that can be nothing else, or GBNF. */
export type Part = { text: string } | { gbnf: string };

export interface CallPartsOptions {
  rules: GrammarRules;
  separators: Separators;
  /** GBNF for the values of a parameter in place of its schema's own: those that are known to be right. */
  override?: ((tool: string, path: readonly string[], schema: JsonSchema) => readonly string[] | undefined) | undefined;
}

/** Everything between a call's open and close markers. */
export function callParts(format: CallFormat, tool: ToolSignature, options: CallPartsOptions): Part[] {
  const { body } = format;
  const name = `arguments-${tool.name}`;
  switch (body.kind) {
    case "json":
      return jsonParts(
        body,
        tool,
        (syntax) => argumentsExpression(tool.parameters, name, context(tool, syntax, options)),
        options,
      );
    case "keyed":
      return [{ text: `{${JSON.stringify(tool.name)}: ` }, objectPart(tool, options), { text: "}" }];
    case "named":
      return namedParts(body, tool, options);
    case "arguments":
      return [objectPart(tool, options)];
    case "tagged":
      return taggedParts(body, tool, options);
    case "python":
      return pythonParts(tool, options);
    case "gemma": {
      const expression = argumentsExpression(tool.parameters, name, context(tool, gemmaSyntax, options));
      return [{ text: `${body.nameOpen}${tool.name}` }, { gbnf: expression }];
    }
  }
}

function context(tool: ToolSignature, syntax: ValueSyntax, { rules, override }: CallPartsOptions): GrammarContext {
  const instead = override;
  return {
    rules,
    syntax,
    root: tool.parameters,
    ...(instead === undefined
      ? {}
      : {
          override: (schema: JsonSchema, path: readonly string[]) => {
            const values = instead(tool.name, path, schema);
            return values === undefined ? undefined : oneValue(values, syntax, rules);
          },
        }),
  };
}

/** One of some strings as this syntax writes them. */
function oneValue(values: readonly string[], syntax: ValueSyntax, rules: GrammarRules): string | undefined {
  const [style] = syntax.strings;
  if (style === undefined) return undefined;
  const texts = isQuoted(style)
    ? values.map((value) => writtenText(style, value))
    : values.filter((value) => !value.includes(style.close));
  if (texts.length === 0) return undefined;
  const key = `${syntax.name} ${JSON.stringify(texts)}`;
  return rules.shared(
    key,
    () => sequence(literal(style.open), oneText([...new Set(texts)]), literal(style.close)),
    "known-value",
  );
}

function objectPart(tool: ToolSignature, options: CallPartsOptions): Part {
  const syntax = jsonSyntax(options.separators);
  return { gbnf: argumentsExpression(tool.parameters, `arguments-${tool.name}`, context(tool, syntax, options)) };
}

// oxlint-disable-next-line max-params -- the fields of one object
function jsonParts(
  body: Extract<CallBody, { kind: "json" }>,
  tool: ToolSignature,
  args: (syntax: ValueSyntax) => string,
  { separators }: CallPartsOptions,
): Part[] {
  const { comma, colon, pad } = separators;
  const id =
    body.idKey === undefined
      ? ""
      : `( ${literal(JSON.stringify(body.idKey))} ${colon} "\\"" [0-9a-zA-Z]{1,9} "\\"" ${comma} )?`;
  const isExact = pad === "" && id === "";
  const open = body.wrapper === undefined ? "{" : `{${JSON.stringify(body.wrapper)}: {`;
  const close = body.wrapper === undefined ? "}" : "}}";
  const head: Part[] = isExact
    ? [
        {
          text: `${open}${JSON.stringify(body.nameKey)}: ${JSON.stringify(tool.name)}, ${JSON.stringify(body.argumentsKey)}: `,
        },
      ]
    : [
        { text: open },
        { gbnf: sequence(pad, id, literal(JSON.stringify(body.nameKey)), colon) },
        { gbnf: literal(JSON.stringify(tool.name)) },
        { gbnf: sequence(comma, literal(JSON.stringify(body.argumentsKey)), colon) },
      ];
  return [...head, { gbnf: sequence(args(jsonSyntax(separators)), pad, literal(close)) }];
}

function namedParts(
  body: Extract<CallBody, { kind: "named" }>,
  tool: ToolSignature,
  options: CallPartsOptions,
): Part[] {
  const { id } = body;
  const before: Part[] = id?.place === "before-name" ? [{ gbnf: `[0-9a-zA-Z_-]{1,32} ${literal(id.close)}` }] : [];
  const after: Part[] =
    id?.place === "after-name"
      ? [{ gbnf: sequence(literal(id.open), "[0-9a-zA-Z]{1,9}", literal(id.close)) }]
      : [{ text: body.nameClose }];
  return [...before, { text: tool.name }, ...after, objectPart(tool, options)];
}

function pythonParts(tool: ToolSignature, options: CallPartsOptions): Part[] {
  const { rules } = options;
  const name = `arguments-${tool.name}`;
  const ways = listsOf(tool, context(tool, pythonSyntax(options.separators), options)).map(({ known, further }) =>
    propertySequence(
      known.map((argument) => ({
        pair: sequence(literal(`${argument.name}=`), argument.value()),
        required: argument.required,
      })),
      { rules, name, separator: '", "', further: further && sequence(argumentName(rules), '"="', further.value()) },
    ),
  );
  return [{ text: `${tool.name}(` }, { gbnf: anyWay(ways) }, { text: ")" }];
}

function taggedParts(body: TaggedBody, tool: ToolSignature, options: CallPartsOptions): Part[] {
  const { rules } = options;
  const ways = listsOf(tool, context(tool, jsonSyntax(options.separators), options)).map(
    ({ known, further }, index) => {
      const pairs = known.map((argument) => ({
        pair: tagPair(body, tool, argument, options),
        required: argument.required,
      }));
      const name = `arguments-${tool.name}-${index}`;
      return propertySequence(pairs, { rules, name, separator: "", further: further && anyTag(body, rules) });
    },
  );
  const rest: Part[] = body.nameRest === undefined ? [] : [{ gbnf: "[0-9]{1,3}" }, { text: body.nameRest }];
  const head = `${body.nameOpen}${tool.name}${body.nameClose}`;
  return [{ text: head }, ...rest, { gbnf: anyWay(ways) }, { text: body.bodyClose }];
}

/** The lists of arguments that a tool takes; where its schema says nothing, any. */
function listsOf(tool: ToolSignature, grammar: GrammarContext): readonly ArgumentList[] {
  const lists = argumentLists(tool.parameters, `arguments-${tool.name}`, grammar);
  if (lists.length > 0) return lists;
  return [{ known: [], further: { types: new Set(), value: () => schemaExpression(true, "any", grammar) } }];
}

/** One of some ways to write arguments, of which one may be to write none. */
function anyWay(ways: readonly string[]): string {
  const written = ways.filter((way) => way !== "");
  return written.length === ways.length || written.length === 0 ? anyOf(written) : `( ${anyOf(written)} )?`;
}

const argumentName = (rules: GrammarRules): string =>
  rules.shared("argument-name", () => "[a-zA-Z_] [a-zA-Z0-9_.-]{0,63}");

/** An argument that the schema does not name; a nested format repeats the name, which no grammar can hold it to. */
function anyTag(body: TaggedBody, rules: GrammarRules): string | undefined {
  if (body.nested) return undefined;
  const { attribute } = body;
  const keyClose =
    attribute === undefined ? body.keyClose : `${attribute.open}${attribute.stringTag}${attribute.close}`;
  const value = rawTextThrough(body.valueClose, rules);
  return sequence(literal(body.keyOpen), argumentName(rules), literal(keyClose), value);
}

// oxlint-disable-next-line max-params -- one argument of one tool in one format
function tagPair(body: TaggedBody, tool: ToolSignature, argument: CallArgument, options: CallPartsOptions): string {
  const close = body.valueClose.replace(keyPlace, argument.name);
  const { attribute } = body;
  const head = (tag: string): string =>
    literal(
      `${body.keyOpen}${argument.name}${attribute === undefined ? body.keyClose : `${attribute.open}${tag}${attribute.close}`}`,
    );
  const others = [...argument.types].filter((type) => type !== "string");
  const free = rawTextThrough(close, options.rules);
  const written = nestedValue(body, argument) ? free : `${argument.value()} ${literal(close)}`;
  const typed = others.map((type) => sequence(head(otherTag(attribute?.stringTag, type)), written));
  if (!argument.types.has("string")) return anyOf([...new Set(typed)]);
  const text = others.length === 0 ? rawString(tool, argument.name, close, options) : free;
  const asText = sequence(head(attribute?.stringTag ?? ""), text);
  // Without an attribute raw text is every value, and the schema tells which it is.
  return attribute === undefined ? asText : anyOf([...new Set([asText, ...typed])]);
}

/** The attribute of a value that is no text, in the family's own words. */
const otherTag = (stringTag: string | undefined, type: JsonType): string =>
  stringTag !== "string" ? "false" : type === "integer" ? "number" : type;

/** Objects and lists of a nested format are tags again, which the validator judges. */
const nestedValue = ({ nested }: TaggedBody, { types }: CallArgument): boolean =>
  nested && (types.has("object") || types.has("array"));

/** A string that the schema limits, as raw text up to its close marker. */
// oxlint-disable-next-line max-params -- one argument of one tool in one format
function rawString(tool: ToolSignature, key: string, close: string, options: CallPartsOptions): string {
  const syntax: ValueSyntax = {
    ...jsonSyntax(options.separators),
    name: `raw ${close}`,
    strings: [{ name: `raw ${close}`, open: "", close }],
  };
  const lists = argumentLists(tool.parameters, `raw-${tool.name}`, context(tool, syntax, options));
  const argument = lists.flatMap(({ known }) => known).find(({ name }) => name === key);
  return argument?.value() ?? rawTextThrough(close, options.rules);
}
