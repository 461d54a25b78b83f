import type { PermissionOption, RequestPermissionRequest } from "@agentclientprotocol/sdk";
import type { ApprovalDecision, ApprovalRequest } from "@trust-cli/core/protocol";
import * as z from "zod";

import { callLocations, previewContent, textContent, toolKind, toolTitle } from "./tool-calls.ts";
import { publicCallId, type TurnView } from "./turn-updates.ts";

/** Everything that the person needs to decide: the whole diff or command, and which rule asks. */
export function permissionRequest(
  sessionId: string,
  request: ApprovalRequest,
  view: TurnView,
): RequestPermissionRequest {
  const { call, subject, preview, rule, grant } = request;
  const whole = previewContent(preview, view.root);
  return {
    sessionId,
    toolCall: {
      toolCallId: publicCallId(view, call.id),
      title: preview?.kind === "command" ? `${call.name} ${preview.command}` : toolTitle(call.name, subject),
      kind: toolKind(call.name),
      status: "pending",
      content: whole.length > 0 ? whole : [textContent(rule)],
      locations: callLocations(call, view.root),
      rawInput: call.args,
      _meta: { "trust/rule": rule },
    },
    options: permissionOptions(grant),
  };
}

const permissionOptions = (grant: string): PermissionOption[] => [
  { optionId: "yes", name: "Allow once", kind: "allow_once" },
  { optionId: "yes-session", name: `Allow ${grant} for this session`, kind: "allow_always" },
  { optionId: "no", name: "Reject", kind: "reject_once" },
];

/** What clients of any quality may send. */
const Answer = z.object({
  outcome: z.object({
    outcome: z.string(),
    optionId: z.string().optional(),
    _meta: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** Anything but one of the two yes options is no. Our own editors say why in `_meta`, for the model to read. */
export function permissionDecision(response: unknown): ApprovalDecision {
  const { success, data } = Answer.safeParse(response);
  if (!success) return { decision: "no", reason: "the editor's answer could not be read" };
  const { outcome, optionId, _meta } = data.outcome;
  if (outcome === "cancelled") return { decision: "no", reason: "the turn was cancelled" };
  if (outcome === "selected" && (optionId === "yes" || optionId === "yes-session")) return { decision: optionId };
  const reason = _meta?.["trust/reason"];
  return { decision: "no", reason: typeof reason === "string" ? reason : "" };
}
