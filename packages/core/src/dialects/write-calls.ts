import type { JsonSchema, ToolCall, ToolSignature } from "../protocol/tool-call.ts";
import { type CallBody, type CallFormat, keyPlace, type TaggedBody } from "./format/tool-format.ts";
import { admittedTypes, typedValue } from "./parse/typed-value.ts";

type WrittenCall = Pick<ToolCall, "name" | "args">;

/** Calls as a model of the family would write them. Tools say which raw values are texts. */
export function writeCalls(
  format: CallFormat,
  calls: readonly WrittenCall[],
  tools: readonly ToolSignature[] = [],
): string {
  const bodies = calls.map(
    (call, index) => `${format.open}${writeBody(format.body, call, index, tools)}${format.close}`,
  );
  const joined = bodies.join(format.separator);
  return `${format.sectionOpen}${format.list ? `[${joined}]` : joined}${format.sectionClose}`;
}

// oxlint-disable-next-line max-params -- a call, its place and its tools
function writeBody(
  body: CallBody,
  { name, args }: WrittenCall,
  index: number,
  tools: readonly ToolSignature[],
): string {
  switch (body.kind) {
    case "json":
      return writeJson(body, name, args, index);
    case "keyed":
      return `{${JSON.stringify(name)}: ${jsonText(args)}}`;
    case "named": {
      const before = body.id?.place === "before-name" ? `${index}${body.id.close}` : "";
      const after = body.id?.place === "after-name" ? `${body.id.open}${index}${body.id.close}` : body.nameClose;
      return `${before}${name}${after}${jsonText(args)}`;
    }
    case "tagged":
      return writeTags(
        body,
        name,
        args,
        tools.find((tool) => tool.name === name),
      );
    case "arguments":
      return jsonText(args);
    case "python":
      return `${name}(${Object.entries(args)
        .map(([key, value]) => `${key}=${pythonText(value)}`)
        .join(", ")})`;
    case "gemma":
      return `${body.nameOpen}${name}${gemmaText(args, body.quote)}`;
  }
}

// oxlint-disable-next-line max-params -- the fields of one object
function writeJson(
  { nameKey, argumentsKey, idKey, wrapper }: Extract<CallBody, { kind: "json" }>,
  name: string,
  args: Record<string, unknown>,
  index: number,
): string {
  const id = idKey === undefined ? "" : `${JSON.stringify(idKey)}: "${index}", `;
  const object = `{${id}${JSON.stringify(nameKey)}: ${JSON.stringify(name)}, ${JSON.stringify(argumentsKey)}: ${jsonText(args)}}`;
  return wrapper === undefined ? object : `{${JSON.stringify(wrapper)}: ${object}}`;
}

// oxlint-disable-next-line max-params -- a call and the tool that it is for
function writeTags(
  body: TaggedBody,
  name: string,
  args: Record<string, unknown>,
  tool: ToolSignature | undefined,
): string {
  const tags = Object.entries(args).map(([key, value]) => {
    const schema = tool?.parameters.properties?.[key];
    const { attribute } = body;
    const isText = typeof value === "string" && (attribute !== undefined || staysText(value, schema, tool));
    const keyClose =
      attribute === undefined
        ? body.keyClose
        : `${attribute.open}${isText ? attribute.stringTag : otherTag(attribute.stringTag, value)}${attribute.close}`;
    const close = body.valueClose.replace(keyPlace, key);
    return `${body.keyOpen}${key}${keyClose}${writeRaw(body, value, isText)}${close}`;
  });
  const rest = body.nameRest === undefined ? body.nameClose : `${body.nameClose}1${body.nameRest}`;
  return `${body.nameOpen}${name}${rest}${tags.join("")}${body.bodyClose}`;
}

/** Written as it is, the text is read as what it is. */
const staysText = (text: string, schema: JsonSchema | undefined, tool: ToolSignature | undefined): boolean =>
  schema === undefined || typedValue(text, admittedTypes(schema, tool?.parameters)) === text;

/** The attribute of values that are not text, in the family's own words: types where it names them, else `false`. */
const otherTag = (stringTag: string, value: unknown): string =>
  stringTag === "string" ? (Array.isArray(value) ? "array" : value === null ? "null" : typeof value) : "false";

function writeRaw(body: TaggedBody, value: unknown, isText: boolean): string {
  if (typeof value === "string") return isText ? value : JSON.stringify(value);
  if (!body.nested || typeof value !== "object" || value === null) return jsonText(value);
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item) => ["item", item])
    : Object.entries(value);
  return entries
    .map(
      ([key, inner]) =>
        `${body.keyOpen}${key}${body.keyClose}${writeRaw(body, inner, typeof inner === "string")}${body.valueClose.replace(keyPlace, key)}`,
    )
    .join("");
}

/** JSON with a blank behind commas and colons, as Python writes it and models were trained on. */
export function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item)}`)
    .join(", ")}}`;
}

function pythonText(value: unknown): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${pythonText(item)}`)
    .join(", ")}}`;
}

function gemmaText(value: unknown, quote: string): string {
  if (typeof value === "string") return `${quote}${value}${quote}`;
  if (Array.isArray(value)) return `[${value.map((item) => gemmaText(item, quote)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}:${gemmaText(item, quote)}`)
    .join(",")}}`;
}
