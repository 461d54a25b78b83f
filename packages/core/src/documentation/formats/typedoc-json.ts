import type { Block } from "../blocks.ts";
import { type Declaration, declarationBlocks } from "./declaration.ts";
import { isObject, type Json, listAt, objectAt, textAt } from "./json-text.ts";

/** What `typedoc --json` writes. */
export const isTypedoc = (value: unknown): value is Json =>
  isObject(value) && typeof value["kind"] === "number" && Array.isArray(value["children"]);

const deepest = 30;

export function readTypedocJson(document: Json): Block[] {
  const declarations: Declaration[] = [];
  collect(document, [], declarations);
  return declarationBlocks(declarations, ".");
}

function collect(item: unknown, parents: readonly string[], found: Declaration[]): void {
  if (parents.length > deepest) return;
  for (const child of listAt(item, "children")) {
    const name = textAt(child, "name");
    const names = [...parents, name];
    const signatures = listAt(child, "signatures");
    const comment = [child, ...signatures]
      .map(commentOf)
      .filter((text) => text !== "")
      .join("\n\n");
    const signature = signatures.length > 0 ? signatures.map(callText).join("\n") : valueText(child, name);
    const [source] = listAt(child, "sources");
    const line = isObject(source) && typeof source["line"] === "number" ? source["line"] : 1;
    if (name !== "" && (comment !== "" || signatures.length > 0)) found.push({ names, signature, comment, line });
    collect(child, names, found);
  }
}

function commentOf(item: unknown): string {
  const comment = objectAt(item, "comment");
  const tags = listAt(comment, "blockTags").map((tag) => {
    const name = textAt(tag, "name");
    return `${textAt(tag, "tag")}${name === "" ? "" : ` ${name}`} ${partsText(listAt(tag, "content"))}`;
  });
  return [partsText(listAt(comment, "summary")), ...tags].filter((text) => text !== "").join("\n\n");
}

const partsText = (parts: readonly unknown[]): string => parts.map((part) => textAt(part, "text")).join("");

function callText(signature: unknown): string {
  const parameters = listAt(signature, "parameters").map((parameter) => {
    const isOptional = objectAt(parameter, "flags")["isOptional"] === true;
    return `${textAt(parameter, "name")}${isOptional ? "?" : ""}: ${typeText(objectAt(parameter, "type"))}`;
  });
  return `${textAt(signature, "name")}(${parameters.join(", ")}): ${typeText(objectAt(signature, "type"))}`;
}

const valueText = (item: unknown, name: string): string => {
  const type = objectAt(item, "type");
  return Object.keys(type).length === 0 ? "" : `${name}: ${typeText(type)}`;
};

/** A type as it is written in TypeScript; `…` for what has no short form. */
function typeText(type: Json, depth = 0): string {
  if (depth > deepest) return "…";
  const inside = (key: string): string => typeText(objectAt(type, key), depth + 1);
  const each = (key: string): string[] =>
    listAt(type, key).map((part) => (isObject(part) ? typeText(part, depth + 1) : "…"));
  switch (textAt(type, "type")) {
    case "literal":
      return JSON.stringify(type["value"] ?? null);
    case "array":
      return `${inside("elementType")}[]`;
    case "union":
      return each("types").join(" | ");
    case "intersection":
      return each("types").join(" & ");
    case "tuple":
      return `[${each("elements").join(", ")}]`;
    default: {
      const name = textAt(type, "name");
      const given = each("typeArguments");
      if (name === "") return "…";
      return given.length === 0 ? name : `${name}<${given.join(", ")}>`;
    }
  }
}
