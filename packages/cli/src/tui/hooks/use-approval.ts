import type { ApprovalRequest } from "@trust-cli/core/protocol";
import { useEffect, useMemo } from "react";

import { type DialogInput, dialogLines, requestLines } from "../components/approval-dialog.ts";
import type { Size } from "../components/frame.ts";
import type { Dialog } from "../state/dialog.ts";
import type { ChatView } from "../state/view.ts";

export interface ApprovalActions {
  /** The details do not fit beside the dialog: they must go above it. */
  showAbove(callId: string): void;
  drawn(callId: string): void;
}

/** Rows below the dialog, and for a reason that grows. */
const otherRows = 5;

/** Rows of the dialog itself, without the details of the call. */
function dialogRows(request: ApprovalRequest | undefined, dialog: Dialog | undefined, columns: number): number {
  if (request === undefined || dialog === undefined) return 0;
  return dialogLines({ request, dialog, details: [] }, columns).lines.length;
}

/** The approval that waits, ready to be drawn. */
export function useApproval(
  view: ChatView,
  dialog: Dialog | undefined,
  { columns, rows }: Size,
  actions: ApprovalActions,
): DialogInput | undefined {
  const [request] = view.approvals;
  const lines = useMemo(() => (request === undefined ? [] : requestLines(request, columns)), [request, columns]);
  const callId = request?.call.id;
  const isAbove = callId !== undefined && view.previewed.includes(callId);
  const isTall = lines.length + otherRows + dialogRows(request, dialog, columns) > rows;
  useEffect(() => {
    if (callId !== undefined && isTall && !isAbove) actions.showAbove(callId);
  }, [callId, isTall, isAbove, actions]);
  useEffect(() => {
    if (callId !== undefined) actions.drawn(callId);
  }, [callId, actions]);
  if (request === undefined || dialog === undefined) return undefined;
  return { request, dialog, details: isAbove ? undefined : lines };
}
