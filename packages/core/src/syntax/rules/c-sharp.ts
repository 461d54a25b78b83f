import type { LanguageRules } from "./rules.ts";

export const cSharp: LanguageRules = {
  grammar: "c-sharp",
  definitions: {
    namespace_declaration: { kind: "module" },
    file_scoped_namespace_declaration: { kind: "module" },
    class_declaration: { kind: "class" },
    struct_declaration: { kind: "class" },
    record_declaration: { kind: "class" },
    interface_declaration: { kind: "interface" },
    enum_declaration: { kind: "enum" },
    enum_member_declaration: { kind: "constant" },
    delegate_declaration: { kind: "type" },
    method_declaration: { kind: "method" },
    constructor_declaration: { kind: "method" },
    destructor_declaration: { kind: "method" },
    local_function_statement: { kind: "function" },
    property_declaration: { kind: "field" },
    event_declaration: { kind: "field" },
    variable_declarator: { kind: "variable" },
    parameter: { kind: "local" },
    implicit_parameter: { kind: "local", names: [] },
    foreach_statement: { kind: "local", names: ["left"] },
    catch_declaration: { kind: "local" },
    declaration_expression: { kind: "local" },
    type_parameter: { kind: "local" },
  },
  imports: {
    using_directive: {
      read: (text) => {
        const path = text.replace(/^(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?/, "").replaceAll(/[\s;]/g, "");
        return [{ from: path, names: [] }];
      },
    },
  },
  names: ["identifier"],
  members: [],
  wrappers: ["field_declaration", "event_field_declaration", "variable_declaration"],
  annotations: ["attribute_list"],
  closures: ["lambda_expression", "anonymous_method_expression"],
  skipped: ["comment"],
  isExported: (head, _name, parent) =>
    /^namespace\b/.test(head) || parent?.kind === "interface" || parent?.kind === "enum" || /\bpublic\b/.test(head),
  isConstant: (head) => /\bconst\b|\bstatic\s+readonly\b/.test(head),
};
