import { indentationErrors } from "../python-indentation.ts";
import type { ImportedNames, LanguageRules } from "./rules.ts";

export const python: LanguageRules = {
  grammar: "python",
  definitions: {
    class_definition: { kind: "class" },
    function_definition: { kind: "function" },
    assignment: { kind: "variable", names: ["left"], within: ["expression_statement"] },
    type_alias_statement: { kind: "type", names: ["left"] },
    parameters: { kind: "local", names: [] },
    lambda_parameters: { kind: "local", names: [] },
    default_parameter: { kind: "local" },
    typed_default_parameter: { kind: "local" },
    typed_parameter: { kind: "local", names: [] },
    for_statement: { kind: "local", names: ["left"] },
    for_in_clause: { kind: "local", names: ["left"] },
    as_pattern_target: { kind: "local", names: [] },
  },
  imports: {
    import_statement: { read: readPlain },
    import_from_statement: { read: readFrom },
    future_import_statement: { read: readFrom },
  },
  names: ["identifier"],
  members: [],
  wrappers: [],
  annotations: ["decorator"],
  closures: ["lambda"],
  skipped: ["comment"],
  errors: indentationErrors,
  isExported: (_head, name) => !name.startsWith("_") || /^__\w+__$/.test(name),
  isConstant: (_head, name) => /^[A-Z][A-Z0-9_]*$/.test(name),
};

const listed = (text: string): string[] =>
  text
    .replaceAll(/#.*|[()\\]/g, "")
    .split(",")
    .map((one) => one.trim().split(/\s+/)[0] ?? "")
    .filter((name) => name !== "");

function readPlain(text: string): ImportedNames[] {
  return listed(text.replace(/^import\s/, "")).map((from) => ({ from, names: [] }));
}

function readFrom(text: string): ImportedNames[] {
  const parts = /^from\s+([.\w\s]+?)\s+import\b(.*)/s.exec(text) ?? /^from\s*(\.+)\s*import\b(.*)/s.exec(text);
  if (parts === null) return [];
  const [, from = "", names = ""] = parts;
  return [{ from, names: listed(names) }];
}
