import type { Block } from "../blocks.ts";
import { declarationBlocks } from "./declaration.ts";
import { isObject, type Json, listAt, objectAt, textAt } from "./json-text.ts";

/** What `rustdoc --output-format json` writes. */
export const isRustdoc = (value: unknown): value is Json =>
  isObject(value) && isObject(value["index"]) && isObject(value["paths"]) && "format_version" in value;

/** Items that have a comment or can be called, under their full paths. */
export function readRustdocJson(document: Json): Block[] {
  const paths = objectAt(document, "paths");
  const index = objectAt(document, "index");
  const parents = parentsOf(index);
  const declarations = Object.entries(index).flatMap(([id, item]) => {
    const name = textAt(item, "name");
    const comment = textAt(item, "docs");
    const [kind = "", inner] = Object.entries(objectAt(item, "inner"))[0] ?? [];
    if (name === "" || (comment === "" && kind !== "function")) return [];
    const known = listAt(paths[id], "path").map(String);
    const names = known.length > 0 ? known : [...(parents.get(id) ?? []), name];
    return [{ names, signature: signatureOf(kind, name, inner), comment, line: lineOf(item) }];
  });
  return declarationBlocks(declarations, "::");
}

/** The names of the types whose `impl` blocks or bodies hold an item. */
function parentsOf(index: Json): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const item of Object.values(index)) {
    const inner = objectAt(item, "inner");
    const block = objectAt(inner, "impl");
    const owner = "impl" in inner ? typeText(block["for"]) : textAt(item, "name");
    const members = [block, objectAt(inner, "trait"), objectAt(inner, "enum")].flatMap((holder) => [
      ...listAt(holder, "items"),
      ...listAt(holder, "variants"),
    ]);
    for (const id of members) parents.set(String(id), [owner]);
  }
  return parents;
}

const lineOf = (item: unknown): number => {
  const [line] = listAt(objectAt(item, "span"), "begin");
  return typeof line === "number" && line > 0 ? line : 1;
};

function signatureOf(kind: string, name: string, inner: unknown): string {
  if (kind !== "function") return `${kind.replaceAll("_", " ")} ${name}`;
  const signature = isObject(inner) && isObject(inner["sig"]) ? inner["sig"] : objectAt(inner, "decl");
  const inputs = listAt(signature, "inputs").map((input) => {
    const [argument, type] = Array.isArray(input) ? (input as unknown[]) : [];
    return argument === "self" ? "self" : `${String(argument)}: ${typeText(type)}`;
  });
  const output = signature["output"];
  return `fn ${name}(${inputs.join(", ")})${isObject(output) ? ` -> ${typeText(output)}` : ""}`;
}

const deepest = 8;

type Inside = (type: unknown) => string;

const typeTexts: Readonly<Record<string, (value: unknown, inside: Inside) => string>> = {
  primitive: String,
  generic: String,
  resolved_path: (value, inside) => `${textAt(value, "name") || textAt(value, "path")}${argumentsText(value, inside)}`,
  borrowed_ref: (value, inside) => {
    const reference = isObject(value) ? value : {};
    const isMutable = reference["is_mutable"] === true || reference["mutable"] === true;
    return `&${isMutable ? "mut " : ""}${inside(reference["type"])}`;
  },
  tuple: (value, inside) => `(${(Array.isArray(value) ? (value as unknown[]) : []).map(inside).join(", ")})`,
  slice: (value, inside) => `[${inside(value)}]`,
  array: (value, inside) => `[${inside(isObject(value) ? value["type"] : undefined)}; ${textAt(value, "len")}]`,
};

/** A type as it is written in Rust; `_` for what is not known. */
function typeText(type: unknown, depth = 0): string {
  if (!isObject(type) || depth > deepest) return "_";
  const [kind = "", value] = Object.entries(type)[0] ?? [];
  return typeTexts[kind]?.(value, (part) => typeText(part, depth + 1)) ?? "_";
}

function argumentsText(path: unknown, inside: Inside): string {
  const list = listAt(objectAt(objectAt(path, "args"), "angle_bracketed"), "args");
  const texts = list.map((argument) => (isObject(argument) && "type" in argument ? inside(argument["type"]) : "_"));
  return texts.length === 0 ? "" : `<${texts.join(", ")}>`;
}
