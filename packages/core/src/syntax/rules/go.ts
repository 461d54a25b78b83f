import type { LanguageRules } from "./rules.ts";
import { quoted } from "./rules.ts";

export const go: LanguageRules = {
  grammar: "go",
  definitions: {
    function_declaration: { kind: "function" },
    method_declaration: { kind: "method" },
    type_spec: { kind: "type", refine: { struct_type: "class", interface_type: "interface" } },
    type_alias: { kind: "type" },
    field_declaration: { kind: "field" },
    method_elem: { kind: "method" },
    const_spec: { kind: "constant" },
    var_spec: { kind: "variable" },
    parameter_declaration: { kind: "local" },
    variadic_parameter_declaration: { kind: "local" },
    short_var_declaration: { kind: "local", names: ["left"] },
    range_clause: { kind: "local", names: ["left"] },
  },
  imports: {
    import_spec: {
      read: (text) => {
        const from = quoted(text);
        const alias = /^[\w.]+/.exec(text)?.[0];
        return from === undefined ? [] : [{ from, names: alias === undefined ? [] : [alias] }];
      },
    },
  },
  names: ["identifier"],
  members: ["field_identifier", "type_identifier"],
  wrappers: ["type_declaration", "const_declaration", "var_declaration"],
  annotations: [],
  closures: ["func_literal"],
  skipped: ["comment"],
  isExported: (_head, name) => /^\p{Lu}/u.test(name),
  containerOf: (head) => /^func\s*\([^)]*?(\w+)\s*(?:\[[^\]]*\])?\s*\)/.exec(head)?.[1],
};
