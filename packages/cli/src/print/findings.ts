import type { Finding } from "@trust-cli/core/git";
import { oneLine } from "@trust-cli/core/protocol";

const names: Readonly<Record<Finding["rule"], string>> = {
  secret: "secret",
  "conflict-marker": "conflict marker",
  "do-not-commit": "marked not to be committed",
  "debug-leftover": "debug leftover",
  "large-file": "large file",
  "not-read": "not read",
  "not-shown": "not shown",
};

/** `✗ path:line  what: the line`, or `!` for what only might be a mistake. */
export function findingLine({ severity, path, line, rule, text }: Finding): string {
  if (rule === "not-shown") return `! ${text} findings are not shown`;
  const name = oneLine(path);
  const place = line === undefined ? name : `${name}:${line}`;
  return `${severity === "block" ? "✗" : "!"} ${place}  ${names[rule]}: ${oneLine(text)}`;
}
