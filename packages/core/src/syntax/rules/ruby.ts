import type { LanguageRules } from "./rules.ts";
import { quotedFile } from "./rules.ts";

export const ruby: LanguageRules = {
  grammar: "ruby",
  definitions: {
    module: { kind: "module" },
    class: { kind: "class" },
    method: { kind: "function" },
    singleton_method: { kind: "function" },
    assignment: { kind: "variable", names: ["left"] },
    method_parameters: { kind: "local", names: [] },
    block_parameters: { kind: "local", names: [] },
    optional_parameter: { kind: "local" },
    keyword_parameter: { kind: "local" },
    splat_parameter: { kind: "local" },
    block_parameter: { kind: "local" },
  },
  imports: {
    call: { callees: ["require", "require_relative", "load", "autoload"], read: quotedFile },
  },
  names: ["identifier"],
  members: ["constant"],
  wrappers: [],
  annotations: [],
  closures: ["block", "do_block", "lambda"],
  skipped: ["comment"],
  isExported: (_head, name) => !name.startsWith("_"),
  isConstant: (_head, name) => /^[A-Z]/.test(name),
};
