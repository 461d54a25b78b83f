import type { LanguageRules } from "./rules.ts";

const isFunction = { function_declarator: "function" } as const;

/** One grammar reads both languages: on C it leaves no more errors than the grammar of C does. */
export const cpp: LanguageRules = {
  grammar: "cpp",
  definitions: {
    function_definition: { kind: "function", names: ["declarator"] },
    declaration: { kind: "variable", names: ["declarator"], refine: isFunction },
    field_declaration: { kind: "field", names: ["declarator"], refine: { function_declarator: "method" } },
    class_specifier: { kind: "class", requires: "body" },
    struct_specifier: { kind: "class", requires: "body" },
    union_specifier: { kind: "class", requires: "body" },
    enum_specifier: { kind: "enum", requires: "body" },
    enumerator: { kind: "constant" },
    type_definition: { kind: "type", names: ["declarator"] },
    alias_declaration: { kind: "type" },
    concept_definition: { kind: "type" },
    namespace_definition: { kind: "module" },
    preproc_def: { kind: "macro" },
    preproc_function_def: { kind: "macro" },
    parameter_declaration: { kind: "local", names: ["declarator"] },
    optional_parameter_declaration: { kind: "local", names: ["declarator"] },
    for_range_loop: { kind: "local", names: ["declarator"] },
  },
  imports: {
    preproc_include: {
      requires: "path",
      read: (text) => [{ from: /["<]([^">]*)/.exec(text)?.[1] ?? "", names: [] }],
    },
  },
  names: ["identifier"],
  members: ["field_identifier", "type_identifier", "namespace_identifier"],
  wrappers: ["template_declaration", "linkage_specification"],
  annotations: ["attribute_declaration"],
  closures: ["lambda_expression"],
  skipped: ["comment"],
  isExported: (head) => !/\bstatic\b/.test(head),
  isConstant: (head) => /\bconst(?:expr)?\b[^*]*$/.test(head),
};

export const c: LanguageRules = {
  ...cpp,
  foreignWords:
    /\b(?:class|new|delete|template|this|private|public|protected|namespace|typename|operator|try|catch|throw|using|virtual|friend|explicit|mutable|export|concept|requires)\b(?!\s*(?:"|<))/g,
};
