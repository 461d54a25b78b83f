import type { ImportedNames, ImportRule, LanguageRules } from "./rules.ts";
import { quotedFile } from "./rules.ts";

const refineValue = {
  arrow_function: "function",
  function_expression: "function",
  generator_function: "function",
  class: "class",
} as const;

const call: ImportRule = { callees: ["require", "import"], read: quotedFile };

export const javascript: LanguageRules = {
  grammar: "javascript",
  definitions: {
    class_declaration: { kind: "class" },
    function_declaration: { kind: "function" },
    generator_function_declaration: { kind: "function" },
    method_definition: { kind: "method", within: ["class_body"] },
    field_definition: { kind: "field", names: ["property"], refine: { arrow_function: "method" } },
    variable_declarator: { kind: "variable", refine: refineValue },
    formal_parameters: { kind: "local", names: [] },
    catch_clause: { kind: "local", names: ["parameter"] },
    for_in_statement: { kind: "local", names: ["left"] },
    arrow_function: { kind: "local", names: ["parameter"] },
  },
  imports: {
    import_statement: { requires: "source", read: readImport },
    export_statement: { requires: "source", read: readImport },
    call_expression: call,
  },
  names: ["identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"],
  members: ["property_identifier", "private_property_identifier"],
  wrappers: ["export_statement", "lexical_declaration", "variable_declaration"],
  annotations: ["decorator"],
  closures: ["arrow_function", "function_expression", "generator_function"],
  skipped: ["comment"],
  exportLists: ["export_specifier"],
  isExported: (head, name, parent) =>
    parent === undefined || parent.kind === "module"
      ? /^(?:export|declare)\b/.test(head)
      : !name.startsWith("#") && !/\b(?:private|protected)\b/.test(head),
  isConstant: (head) => /\bconst\s+$/.test(head),
};

export const typescript: LanguageRules = {
  ...javascript,
  grammar: "typescript",
  definitions: {
    ...javascript.definitions,
    abstract_class_declaration: { kind: "class" },
    interface_declaration: { kind: "interface" },
    type_alias_declaration: { kind: "type" },
    enum_declaration: { kind: "enum" },
    property_identifier: { kind: "constant", within: ["enum_body"] },
    enum_assignment: { kind: "constant" },
    internal_module: { kind: "module" },
    module: { kind: "module" },
    function_signature: { kind: "function" },
    method_signature: { kind: "method", within: ["interface_body", "class_body"] },
    abstract_method_signature: { kind: "method" },
    property_signature: { kind: "field", within: ["interface_body"] },
    public_field_definition: { kind: "field", refine: { arrow_function: "method" } },
    required_parameter: { kind: "local", names: ["pattern"] },
    optional_parameter: { kind: "local", names: ["pattern"] },
  },
  members: [...javascript.members, "type_identifier"],
  wrappers: [...javascript.wrappers, "ambient_declaration"],
};

export const tsx: LanguageRules = { ...typescript, grammar: "tsx" };

/** Also re-exports. `default` and `*` stand for what has no name where it comes from. */
function readImport(text: string): ImportedNames[] {
  const parts = /^(?:import|export)\s*(?:type\s+(?!from\b|,))?([^"'`]*?)(?:\bfrom\s*)?(["'])(.*?)\2/s.exec(text);
  if (parts === null) return [];
  const [, clause = "", , from = ""] = parts;
  const named = /\{([^}]*)\}/.exec(clause)?.[1] ?? "";
  const names = named
    .split(",")
    .map((one) => /^\s*(?:type\s+)?([\w$]+)/.exec(one)?.[1])
    .filter((name) => name !== undefined);
  if (clause.includes("*")) names.unshift("*");
  const first = /^\s*([\w$]+)/.exec(clause)?.[1];
  if (first !== undefined) names.unshift(first);
  return [{ from, names }];
}
