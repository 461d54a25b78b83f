import { posix } from "node:path";

import picomatch from "picomatch";

import type { Risk } from "../protocol/agent-events.ts";
import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { matchesCommand, mentionsCommand } from "./command-pattern.ts";

/** A rule as a person writes it: `edit_file`, `edit_file(src/**)` or `run_command(npm test*)`. */
export interface Rule {
  text: string;
  tool: string;
  /** Absent: every call of the tool. */
  pattern?: string;
}

const ruleForm = /^\s*([A-Za-z][\w.-]*)\s*(?:\((.*)\))?\s*$/s;
/** Their argument is a pattern, so that a path in a rule would never match and give false safety. */
const toolsWithoutPath = new Set(["find_files", "search_text"]);

/** Fails with CONFIG_INVALID for text that is no rule. */
export function parseRule(text: string): Result<Rule> {
  const [, tool, pattern] = ruleForm.exec(text) ?? [];
  if (tool === undefined) return failure(invalid(text, "a rule is a tool, or a tool with a pattern in parentheses"));
  const shown = text.trim();
  if (pattern === undefined) return ok({ text: shown, tool });
  if (pattern.trim() === "") return failure(invalid(text, "the parentheses are empty"));
  if (toolsWithoutPath.has(tool)) return failure(invalid(text, `${tool} can only be named as a whole`));
  return ok({ text: shown, tool, pattern: pattern.trim() });
}

function invalid(text: string, reason: string): TrustError {
  return new TrustError("CONFIG_INVALID", `${JSON.stringify(text)} is not a rule: ${reason}`, {
    hint: "Examples: edit_file, edit_file(src/**), run_command(npm test*)",
  });
}

/** What a rule is held against. `subject` is a path from the root, or the command. */
export interface Subject {
  tool: string;
  risk: Risk;
  subject: string;
}

/** An allowing rule matches narrowly, a denying one widely: see `command-pattern.ts` for commands. */
export function ruleMatches(rule: Rule, effect: "allow" | "deny", { tool, risk, subject }: Subject): boolean {
  if (rule.tool !== tool) return false;
  if (rule.pattern === undefined) return true;
  if (risk === "command") {
    return effect === "allow" ? matchesCommand(rule.pattern, subject) : mentionsCommand(rule.pattern, subject);
  }
  return matchesPath(rule.pattern, subject, effect);
}

/** A denied folder takes what is in it along: `secrets` denies `secrets/key.pem`. */
function matchesPath(pattern: string, subject: string, effect: "allow" | "deny"): boolean {
  const glob = pattern.replace(/^(\.\/)+/, "");
  const path = posix.normalize(subject).replace(/(?<=.)\/$/, "");
  const globs = effect === "deny" ? [glob, `${glob.replace(/\/$/, "")}/**`] : [glob];
  return picomatch(globs, { dot: true, nonegate: true, flags: "s" })(path);
}
