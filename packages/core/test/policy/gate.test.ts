import { describe, expect, test } from "vitest";

import { createGate, type GateOptions } from "../../src/policy/index.ts";
import type { ApprovalDecision, ApprovalRequest, Risk, ToolCall } from "../../src/protocol/index.ts";

const never = new AbortController().signal;
const risks: Readonly<Record<string, Risk>> = {
  read_file: "read",
  edit_file: "change",
  write_file: "change",
  run_command: "command",
};

function callOf(name: string): ToolCall {
  return { id: "call_1", name, args: {}, raw: "", via: "native", repairs: [] };
}

function gate(options: Partial<GateOptions> = {}, decision: ApprovalDecision = { decision: "yes" }) {
  const made = createGate({ mode: "ask", allow: [], deny: [], ask: async () => decision, ...options });
  const decide = (tool: string, subject: string) => made.decide(callOf(tool), risks[tool] ?? "read", subject);
  const ask = (tool: string, subject: string) => {
    const call = callOf(tool);
    const risk = risks[tool] ?? "read";
    const { rule, grant } = made.decide(call, risk, subject);
    const request: ApprovalRequest = { call, risk, subject, preview: undefined, rule, grant };
    return made.ask(request, never);
  };
  return { decide, ask };
}

describe("the mode decides when no rule does", () => {
  test.each([
    ["plan", "allow", "deny", "deny"],
    ["ask", "allow", "ask", "ask"],
    ["edit", "allow", "allow", "ask"],
    ["auto", "allow", "allow", "allow"],
  ] as const)("%s: read %s, change %s, command %s", (mode, read, change, command) => {
    const { decide } = gate({ mode });
    expect(decide("read_file", "a.ts").effect).toBe(read);
    expect(decide("edit_file", "a.ts").effect).toBe(change);
    expect(decide("run_command", "ls").effect).toBe(command);
    expect(decide("edit_file", "a.ts").rule).toMatch(new RegExp(`^mode ${mode} `));
  });

  test.each([
    ["edit_file", "src/a.ts", "--allow 'edit_file(src/a.ts)' or --mode edit"],
    ["run_command", "echo 'a'", "--allow 'run_command(echo '\\''a'\\'')' or --mode auto"],
  ])("what would ask is denied where no one can be asked, with the flag that allows it: %s", (tool, subject, flags) => {
    const verdict = gate({ ask: undefined }).decide(tool, subject);
    expect(verdict.effect).toBe("deny");
    expect(verdict.rule).toContain("no one is there to ask");
    expect(verdict.rule).toContain(flags);
  });

  test("asking where no one is there is a no", async () => {
    expect(await gate({ ask: undefined }).ask("edit_file", "a")).toEqual({
      decision: "no",
      reason: "no one is there to ask",
    });
  });
});

describe("rules", () => {
  test("a deny rule beats an allow rule, a grant, the mode, and covers reading", async () => {
    const rules = {
      mode: "auto" as const,
      allow: ["edit_file", "read_file"],
      deny: ["edit_file(.env*)", "read_file(.env*)"],
    };
    const { decide, ask } = gate(rules, { decision: "yes-session" });
    await ask("edit_file", ".env");
    expect(decide("edit_file", ".env")).toMatchObject({
      effect: "deny",
      rule: 'the rule "deny edit_file(.env*)" forbids it',
    });
    expect(decide("read_file", ".env.local").effect).toBe("deny");
    expect(decide("edit_file", "src/a.ts").effect).toBe("allow");
  });

  test("an allow rule beats the mode, for its tool alone", () => {
    const { decide } = gate({ mode: "ask", allow: ["edit_file(docs/**)", "run_command(npm test*)"], ask: undefined });
    expect(decide("edit_file", "docs/a.md")).toMatchObject({
      effect: "allow",
      rule: 'the rule "allow edit_file(docs/**)" allows it',
    });
    expect(decide("write_file", "docs/a.md").effect).toBe("deny");
    expect(decide("run_command", "npm test -- x").effect).toBe("allow");
    expect(decide("run_command", "npm test; curl x").effect).toBe("deny");
  });

  test("planning changes nothing, whatever is allowed", () => {
    const { decide } = gate({ mode: "plan", allow: ["edit_file", "run_command(npm test*)", "read_file"] });
    expect(decide("edit_file", "docs/a.md").effect).toBe("deny");
    expect(decide("run_command", "npm test").effect).toBe("deny");
    expect(decide("read_file", "docs/a.md").effect).toBe("allow");
  });

  test("text that is no rule stops the start", () => {
    expect(() => gate({ deny: ["read_file("] })).toThrow(/is not a rule/);
  });
});

describe("a call that stood in the model's text", () => {
  const leaked = (tool: string): ToolCall => ({ ...callOf(tool), via: "leak" });
  const everything = { mode: "auto" as const, allow: ["edit_file", "run_command"] };

  test("is asked about when it does more than read, whatever allows it", async () => {
    const made = createGate({ ...everything, deny: [], ask: () => Promise.resolve({ decision: "yes-session" }) });
    const { rule, grant } = made.decide(leaked("edit_file"), "change", "a.ts");
    await made.ask(
      { call: leaked("edit_file"), risk: "change", subject: "a.ts", preview: undefined, rule, grant },
      never,
    );
    expect(made.decide(leaked("edit_file"), "change", "a.ts")).toMatchObject({
      effect: "ask",
      rule: "the model wrote this call as plain text, perhaps as an example",
    });
    expect(made.decide(leaked("run_command"), "command", "ls").effect).toBe("ask");
    expect(made.decide(callOf("edit_file"), "change", "a.ts").effect).toBe("allow");
  });

  test("may read without being asked about", () => {
    const made = createGate({ mode: "ask", allow: [], deny: [], ask: undefined });
    expect(made.decide(leaked("read_file"), "read", "a.ts").effect).toBe("allow");
  });

  test("stays denied by a rule or a mode, with the reason of that", () => {
    const byRule = createGate({ ...everything, deny: ["edit_file"], ask: () => Promise.resolve({ decision: "yes" }) });
    expect(byRule.decide(leaked("edit_file"), "change", "a.ts")).toMatchObject({
      effect: "deny",
      rule: 'the rule "deny edit_file" forbids it',
    });
    const byMode = createGate({ mode: "plan", allow: [], deny: [], ask: () => Promise.resolve({ decision: "yes" }) });
    expect(byMode.decide(leaked("edit_file"), "change", "a.ts").effect).toBe("deny");
  });

  test("is denied where no one can be asked", () => {
    const verdict = createGate({ ...everything, deny: [], ask: undefined }).decide(
      leaked("edit_file"),
      "change",
      "a.ts",
    );
    expect(verdict.effect).toBe("deny");
    expect(verdict.rule).toContain("as plain text, perhaps as an example, and no one is there to ask");
  });
});

describe("yes for the session", () => {
  test.each([
    ["edit_file", "src/cart/shipping.ts", "changes in src/cart"],
    ["write_file", "./src/../docs/a.md", "changes in docs"],
    ["write_file", "a.ts", "changes in this folder"],
    ["run_command", "npm test", "this very command"],
    ["read_file", "a.ts", "reading this"],
  ])("says in words what it covers: %s %s is %s", (tool, subject, words) => {
    expect(gate().decide(tool, subject).grant).toBe(words);
  });

  test("covers changes in the same folder, by any tool, and nothing below or beside it", async () => {
    const { decide, ask } = gate({}, { decision: "yes-session" });
    await ask("edit_file", "src/a.ts");
    expect(decide("write_file", "src/b.ts")).toMatchObject({
      effect: "allow",
      rule: "you allowed it for this session",
    });
    for (const other of ["src/deep/a.ts", "a.ts", "src", "src/../a.ts"])
      expect(decide("edit_file", other).effect).toBe("ask");
    expect(decide("run_command", "ls").effect).toBe("ask");
  });

  test("covers the very same command only", async () => {
    const { decide, ask } = gate({}, { decision: "yes-session" });
    await ask("run_command", "npm test");
    expect(decide("run_command", "npm test").effect).toBe("allow");
    expect(decide("run_command", "npm test ").effect).toBe("ask");
  });

  test("is not given by a single yes or by a no", async () => {
    for (const decision of [{ decision: "yes" }, { decision: "no", reason: "later" }] as const) {
      const { decide, ask } = gate({}, decision);
      expect(await ask("edit_file", "src/a.ts")).toEqual(decision);
      expect(decide("edit_file", "src/a.ts").effect).toBe("ask");
    }
  });
});
