import type { ImportedNames, ImportRule, LanguageRules } from "./rules.ts";
import { quotedFile, splitLast } from "./rules.ts";

const included: ImportRule = { read: quotedFile };

export const php: LanguageRules = {
  grammar: "php",
  definitions: {
    namespace_definition: { kind: "module" },
    class_declaration: { kind: "class" },
    trait_declaration: { kind: "class" },
    interface_declaration: { kind: "interface" },
    enum_declaration: { kind: "enum" },
    enum_case: { kind: "constant" },
    function_definition: { kind: "function" },
    method_declaration: { kind: "method" },
    const_element: { kind: "constant" },
    property_element: { kind: "field" },
    property_promotion_parameter: { kind: "field" },
  },
  imports: {
    namespace_use_declaration: { read: readUse },
    include_expression: included,
    include_once_expression: included,
    require_expression: included,
    require_once_expression: included,
  },
  names: [],
  members: ["name"],
  wrappers: ["const_declaration", "property_declaration"],
  annotations: ["attribute_list"],
  closures: ["anonymous_function", "arrow_function"],
  skipped: ["comment", "variable_name"],
  isExported: (head) => !/\b(?:private|protected)\b/.test(head),
};

function readUse(text: string): ImportedNames[] {
  const body = text.replace(/^use\s+(?:(?:function|const)\s+)?/, "").replace(/;\s*$/, "");
  const group = /^([^{]*)\\\s*\{([^}]*)\}/s.exec(body);
  const plain = (path: string): string => path.replace(/\s+as\s+\w+/, "").trim();
  if (group === null) return body.split(",").map((path) => splitLast(plain(path), "\\"));
  const [, from = "", names = ""] = group;
  return [
    {
      from: from.trim(),
      names: names
        .split(",")
        .map(plain)
        .filter((name) => name !== ""),
    },
  ];
}
