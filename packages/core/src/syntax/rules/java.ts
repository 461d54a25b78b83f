import type { LanguageRules } from "./rules.ts";
import { splitLast } from "./rules.ts";

export const java: LanguageRules = {
  grammar: "java",
  definitions: {
    class_declaration: { kind: "class" },
    record_declaration: { kind: "class" },
    interface_declaration: { kind: "interface" },
    annotation_type_declaration: { kind: "interface" },
    enum_declaration: { kind: "enum" },
    enum_constant: { kind: "constant" },
    method_declaration: { kind: "method" },
    annotation_type_element_declaration: { kind: "method" },
    constructor_declaration: { kind: "method" },
    compact_constructor_declaration: { kind: "method" },
    variable_declarator: { kind: "variable", within: ["field_declaration", "constant_declaration"] },
    local_variable_declaration: { kind: "local", names: ["declarator"] },
    formal_parameter: { kind: "local" },
    spread_parameter: { kind: "local", names: [] },
    catch_formal_parameter: { kind: "local" },
    enhanced_for_statement: { kind: "local" },
    inferred_parameters: { kind: "local", names: [] },
  },
  imports: {
    import_declaration: {
      read: (text) => [splitLast(text.replace(/^import\s+(?:static\s+)?/, "").replaceAll(/[\s;]/g, ""), ".")],
    },
  },
  names: ["identifier"],
  members: ["type_identifier"],
  wrappers: ["field_declaration", "constant_declaration"],
  annotations: ["annotation", "marker_annotation"],
  closures: ["lambda_expression"],
  skipped: ["line_comment", "block_comment", "package_declaration"],
  isExported: (head, _name, parent) =>
    parent?.kind === "interface" || parent?.kind === "enum" || /\bpublic\b/.test(head),
  isConstant: (head) => /\bfinal\b/.test(head) && /\bstatic\b/.test(head),
};
