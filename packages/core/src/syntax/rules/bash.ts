import type { LanguageRules } from "./rules.ts";

export const bash: LanguageRules = {
  grammar: "bash",
  definitions: {
    function_definition: { kind: "function" },
    variable_assignment: { kind: "variable" },
  },
  imports: {
    command: {
      callees: ["source", "."],
      read: (text) => {
        const from = /^\S+\s+["']?([^\s"']+)/.exec(text)?.[1];
        return from === undefined ? [] : [{ from, names: [] }];
      },
    },
  },
  names: ["variable_name"],
  members: ["command_name"],
  wrappers: ["declaration_command"],
  annotations: [],
  closures: ["subshell"],
  skipped: ["comment"],
  isExported: () => true,
  isConstant: (head) => /\breadonly\b|\bdeclare\s+-\w*r/.test(head),
};
