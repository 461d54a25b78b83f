import type { ApprovalRequest } from "@trust-cli/core/protocol";
import { describe, expect, test } from "vitest";

import { PendingApprovals } from "../../src/composition/approvals.ts";

const request: ApprovalRequest = {
  call: { id: "call_1", name: "run_command", args: {}, raw: "{}", via: "native", repairs: [] },
  risk: "command",
  subject: "npm test",
  rule: "mode ask",
  grant: "changes in src",
  preview: undefined,
};

const earlier: ApprovalRequest = { ...request, subject: "npm publish" };

describe("a pending approval", () => {
  test("waits for the person's decision", async () => {
    const approvals = new PendingApprovals();
    const answer = approvals.ask(request, new AbortController().signal);
    approvals.decide("call_1", { decision: "yes" });
    expect(await answer).toEqual({ decision: "yes" });
  });

  test("is announced without harm when the engine has asked already", async () => {
    const approvals = new PendingApprovals();
    const answer = approvals.ask(request, new AbortController().signal);
    approvals.expect(request);
    approvals.decide("call_1", { decision: "yes" });
    expect(await answer).toEqual({ decision: "yes" });
  });

  test("takes a decision that came between the announcement and the question", async () => {
    const approvals = new PendingApprovals();
    approvals.expect(request);
    approvals.decide("call_1", { decision: "yes-session" });
    expect(await approvals.ask(request, new AbortController().signal)).toEqual({ decision: "yes-session" });
  });

  test.each<[string, (approvals: PendingApprovals, life: AbortController) => void]>([
    ["before anything was announced", (approvals) => approvals.decide("call_1", { decision: "yes" })],
    [
      "for a call that was decided already",
      (approvals, { signal }) => {
        approvals.expect(earlier);
        void approvals.ask(earlier, signal);
        approvals.decide("call_1", { decision: "yes" });
        approvals.decide("call_1", { decision: "yes" });
      },
    ],
    [
      "for a call that was announced and never asked",
      (approvals) => {
        approvals.expect(earlier);
        approvals.decide("call_1", { decision: "yes" });
      },
    ],
  ])("never takes a decision that came %s", async (_, before) => {
    const approvals = new PendingApprovals();
    const life = new AbortController();
    before(approvals, life);
    approvals.expect(request);
    const answer = approvals.ask(request, life.signal);
    approvals.decide("call_1", { decision: "no", reason: "mine" });
    expect(await answer).toEqual({ decision: "no", reason: "mine" });
  });

  test("never takes a decision for another request with the same id", async () => {
    const approvals = new PendingApprovals();
    approvals.expect(earlier);
    approvals.decide("call_1", { decision: "yes" });
    const answer = approvals.ask(request, new AbortController().signal);
    approvals.decide("call_1", { decision: "no", reason: "mine" });
    expect(await answer).toEqual({ decision: "no", reason: "mine" });
  });

  test("is a no when the turn is cancelled, whatever was decided early", async () => {
    const approvals = new PendingApprovals();
    const life = new AbortController();
    const answer = approvals.ask(request, life.signal);
    life.abort();
    expect(await answer).toMatchObject({ decision: "no" });
    approvals.expect(request);
    approvals.decide("call_1", { decision: "yes" });
    expect(await approvals.ask(request, life.signal)).toMatchObject({ decision: "no" });
  });
});
