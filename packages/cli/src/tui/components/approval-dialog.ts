import type { ApprovalRequest, Preview } from "@trust-cli/core/protocol";

import { reveal } from "../sanitise.ts";
import { type Dialog, dialogOptions } from "../state/dialog.ts";
import { bold, dim, type Line, prefixLines, span, type Style } from "../text/span.ts";
import { justify, truncate, wrap, wrapHard } from "../text/width.ts";
import { previewLines } from "./preview-lines.ts";
import { type Drawn, editorLines } from "./prompt-input.ts";

/** What the call will do, whole: the lines that a person must be able to read before answering. */
export function requestLines({ call, preview }: ApprovalRequest, width: number): Line[] {
  if (preview !== undefined) return previewLines(preview, width);
  const parts = Object.entries(call.args).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return parts.flatMap((part) => prefixLines(wrapHard([span(reveal(part))], Math.max(1, width - 4)), span("    ")));
}

export interface DialogInput {
  request: ApprovalRequest;
  dialog: Dialog;
  /** The lines of `requestLines`, or undefined when they stand above, in the scrollback. */
  details: readonly Line[] | undefined;
}

export function dialogLines({ request, dialog, details }: DialogInput, width: number): Drawn {
  const { call, subject, preview, rule } = request;
  const isNamed = preview === undefined || details === undefined;
  const name = [span("  "), bold(reveal(call.name)), ...(isNamed ? [span(`  ${reveal(subject)}`)] : [])];
  const head = truncate(name, width);
  const above = [dim("    the whole of it is above")];
  const question = wrap([span(questions[preview?.kind ?? "other"])], Math.max(1, width - 2));
  const why = dialog.isRuleShown ? wrap([dim(`asked because: ${reveal(rule)}`)], Math.max(1, width - 4)) : [];
  const lines = [[], head, ...(details ?? [above]), [], ...prefixLines(question, span("  "))];
  const body = [...lines, ...prefixLines(why, span("    "))];
  if (dialog.reason === undefined)
    return { lines: [...body, ...optionLines(dialog, request.grant, width)], cursor: undefined };
  const look = { mark: "  why? ", placeholder: "enter sends it, also empty", mostRows: 3 };
  const reason = editorLines(dialog.reason, look, width);
  const cursor = reason.cursor && { x: reason.cursor.x, y: reason.cursor.y + body.length };
  return { lines: [...body, ...reason.lines], cursor };
}

const questions: Record<Preview["kind"] | "other", string> = {
  diff: "Apply this change?",
  changes: "Apply these changes?",
  command: "Run this command?",
  other: "Allow this call?",
};

/** A label that is too long goes on in the next lines: a person must be able to read all that a yes covers. */
function optionLines({ selected }: Dialog, grant: string, width: number): Line[] {
  const inner = Math.min(width, 60);
  // Where there is little room, labels come before their keys.
  const labelWidth = Math.max(1, inner - (inner < 40 ? 4 : 7));
  const labels = { y: "Yes", s: `Yes, and ${oneLine(reveal(grant))} for this session`, n: "No, and tell why" };
  const options = dialogOptions.flatMap(({ key }, index) => {
    const style: Style = index === selected ? { colour: "accent" } : {};
    const mark = span(`  ${index === selected ? "›" : " "} `, style);
    const [first = [], ...more] = prefixLines(wrap([span(labels[key], style)], labelWidth), mark, indent);
    return [justify(first, [dim(key)], inner), ...more];
  });
  return [...options, justify([dim("    Why am I asked")], [dim("?")], inner)];
}

const indent = span("    ");
const oneLine = (text: string): string => text.replaceAll("\n", " ");
