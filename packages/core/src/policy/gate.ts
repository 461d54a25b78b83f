import { posix } from "node:path";

import type { ApprovalGate, Verdict } from "../ports/gate.ts";
import type { ApprovalDecision, ApprovalRequest, Risk } from "../protocol/agent-events.ts";
import { type Mode, modeEffects } from "./mode.ts";
import { parseRule, type Rule, ruleMatches, type Subject } from "./rule.ts";

/** `allow` and `deny` are rules as people write them. `ask` is absent where no one can be asked. */
export interface GateOptions {
  mode: Mode;
  allow: readonly string[];
  deny: readonly string[];
  ask: ((request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalDecision>) | undefined;
}

/**
 * The gate decides by the first of these that says something: deny rules, allow rules, what the person granted
 * for this session, the mode. What they allow is still asked about when the call only stood in the model's text and
 * does more than read: it may have been an example. Throws CONFIG_INVALID for text that is no rule.
 */
export function createGate({ mode, allow, deny, ask }: GateOptions): ApprovalGate {
  const denied = parseRules(deny);
  const allowed = parseRules(allow);
  const granted = new Set<string>();
  const decide = (subject: Subject, deniedWith: readonly string[]): Omit<Verdict, "grant"> => {
    const names = [subject.tool, ...deniedWith];
    const against = denied.find((rule) => names.some((tool) => ruleMatches(rule, "deny", { ...subject, tool })));
    if (against !== undefined) return { effect: "deny", rule: `the rule "deny ${against.text}" forbids it` };
    // Planning changes nothing, whatever is allowed otherwise.
    if (mode === "plan" && subject.risk !== "read") {
      return { effect: "deny", rule: describeMode(mode, subject.risk, "deny") };
    }
    const inFavour = allowed.find((rule) => ruleMatches(rule, "allow", subject));
    if (inFavour !== undefined) return { effect: "allow", rule: `the rule "allow ${inFavour.text}" allows it` };
    if (granted.has(grantOf(subject.risk, subject.subject))) {
      return { effect: "allow", rule: "you allowed it for this session" };
    }
    const effect = modeEffects[mode][subject.risk];
    if (effect === "ask" && ask === undefined) return { effect: "deny", rule: nobodyToAsk(mode, subject) };
    return { effect, rule: describeMode(mode, subject.risk, effect) };
  };
  return {
    decide: (call, risk, subject, deniedWith = []) => {
      const verdict = decide({ tool: call.name, risk, subject }, deniedWith);
      const isDoubtful = call.via === "leak" && risk !== "read" && verdict.effect !== "deny";
      return { ...(isDoubtful ? doubtful(ask !== undefined) : verdict), grant: grantInWords(risk, subject) };
    },
    ask: async (request, signal) => {
      if (ask === undefined) return { decision: "no", reason: "no one is there to ask" };
      const decision = await ask(request, signal);
      if (decision.decision === "yes-session") granted.add(grantOf(request.risk, request.subject));
      return decision;
    },
  };
}

function parseRules(texts: readonly string[]): Rule[] {
  return texts.map((text) => {
    const rule = parseRule(text);
    if (!rule.ok) throw rule.error;
    return rule.value;
  });
}

/** A session grant covers changes in the same folder, or the very same command. */
function grantOf(risk: Risk, subject: string): string {
  return risk === "change" ? `change ${folderOf(subject)}` : `${risk} ${subject}`;
}

function grantInWords(risk: Risk, subject: string): string {
  if (risk === "command") return "this very command";
  if (risk === "read") return "reading this";
  const folder = folderOf(subject);
  return `changes in ${folder === "." ? "this folder" : folder}`;
}

const folderOf = (path: string): string => posix.dirname(posix.normalize(path));

const effectsInWords = { read: "reading", change: "changes of files", command: "commands" };

function describeMode(mode: Mode, risk: Risk, effect: Verdict["effect"]): string {
  const what = effectsInWords[risk];
  const words = {
    allow: `mode ${mode} allows ${what}`,
    ask: `mode ${mode} asks before ${what}`,
    deny: `mode ${mode} forbids ${what}`,
  };
  return words[effect];
}

function nobodyToAsk(mode: Mode, { tool, risk, subject }: Subject): string {
  const wider = risk === "change" ? "edit" : "auto";
  const rule = quoted(`${tool}(${subject})`);
  return `${describeMode(mode, risk, "ask")}, and no one is there to ask. To allow it: --allow ${rule} or --mode ${wider}`;
}

function doubtful(canAsk: boolean): Omit<Verdict, "grant"> {
  const rule = "the model wrote this call as plain text, perhaps as an example";
  return canAsk ? { effect: "ask", rule } : { effect: "deny", rule: `${rule}, and no one is there to ask` };
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
