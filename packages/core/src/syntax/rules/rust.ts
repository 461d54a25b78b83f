import type { ImportedNames, LanguageRules } from "./rules.ts";
import { splitLast } from "./rules.ts";

export const rust: LanguageRules = {
  grammar: "rust",
  definitions: {
    function_item: { kind: "function" },
    function_signature_item: { kind: "function" },
    struct_item: { kind: "class" },
    union_item: { kind: "class" },
    enum_item: { kind: "enum" },
    enum_variant: { kind: "constant" },
    field_declaration: { kind: "field" },
    trait_item: { kind: "interface" },
    impl_item: { kind: "scope", names: ["type"] },
    mod_item: { kind: "module" },
    type_item: { kind: "type" },
    associated_type: { kind: "type" },
    const_item: { kind: "constant" },
    static_item: { kind: "variable" },
    macro_definition: { kind: "macro" },
    parameter: { kind: "local", names: ["pattern"] },
    closure_parameters: { kind: "local", names: [] },
    let_declaration: { kind: "local", names: ["pattern"] },
    for_expression: { kind: "local", names: ["pattern"] },
  },
  imports: {
    use_declaration: { read: (text) => readUse(text.replace(/^[^;]*?\buse\s/s, "").replaceAll(/[\s;]+/g, " ")) },
    extern_crate_declaration: {
      read: (text) => [{ from: /crate\s+(\w+)/.exec(text)?.[1] ?? "", names: [] }],
    },
    mod_item: {
      read: (text) =>
        text.endsWith(";") ? [{ from: `self::${/\bmod\s+(\w+)/.exec(text)?.[1] ?? ""}`, names: [] }] : [],
    },
  },
  names: ["identifier"],
  members: ["field_identifier", "type_identifier", "shorthand_field_identifier"],
  wrappers: [],
  annotations: ["attribute_item"],
  closures: ["closure_expression"],
  skipped: ["line_comment", "block_comment", "attribute_item"],
  isExported: (head, _name, parent) =>
    parent?.kind === "interface" ||
    parent?.kind === "enum" ||
    (parent?.kind === "scope" && /\bfor\s/.test(parent.head)) ||
    /^pub\b/.test(head),
};

/** A tree of paths: `a::{b::C, d::{self, E as F}, g::*}`. */
function readUse(tree: string): ImportedNames[] {
  const text = tree.trim();
  const brace = text.indexOf("{");
  if (brace < 0) return [splitLast(text.replace(/\sas\s.*/, "").replaceAll(" ", ""), "::")];
  const prefix = text.slice(0, brace).replaceAll(" ", "").replace(/::$/, "");
  const found = new Map<string, string[]>();
  for (const part of splitList(text.slice(brace + 1, text.lastIndexOf("}")))) {
    for (const { from, names } of readUse(part)) {
      const isName = names.length === 0;
      const path = [prefix, isName ? "" : from].filter((one) => one !== "").join("::");
      found.set(path, [...(found.get(path) ?? []), ...(isName ? [from] : names)]);
    }
  }
  return [...found].map(([from, names]) => ({ from, names }));
}

/** The parts between commas that lie in no inner braces. */
function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const sign = text[at] ?? ",";
    if (sign === "{") depth++;
    else if (sign === "}") depth--;
    else if (sign === "," && (depth === 0 || at === text.length)) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts.filter((part) => part !== "");
}
