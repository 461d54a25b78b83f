import { sanitiseLine } from "../sanitise.ts";
import type { Block } from "../state/blocks.ts";
import type { Picker } from "../state/picker.ts";
import type { Prompt } from "../state/prompt.ts";
import type { Screen } from "../state/screen.ts";
import type { ChatView } from "../state/view.ts";
import { dim, type Line, span } from "../text/span.ts";
import { truncate } from "../text/width.ts";
import { dialogLines, type DialogInput } from "./approval-dialog.ts";
import { blockLines, replyLines } from "./block-lines.ts";
import { completionLines } from "./completion-lines.ts";
import { pickerLines } from "./picker-lines.ts";
import { planLines } from "./plan-lines.ts";
import { type Drawn, editorLines } from "./prompt-input.ts";
import { statusLine } from "./status-line.ts";

export interface FrameInput {
  view: ChatView;
  prompt: Prompt;
  screen: Screen;
  approval: DialogInput | undefined;
  tick: number;
}

export interface Size {
  columns: number;
  rows: number;
}

/** The live part of the screen. Always shorter than the terminal, or it could not be redrawn in place. */
export function drawFrame(input: FrameInput, size: Size): Drawn {
  const bottom = bottomPart(input, size);
  const room = Math.max(0, size.rows - 1 - bottom.lines.length);
  const tail = room === 0 ? [] : tailLines(input.view, size.columns).slice(-room);
  return fit([...tail, ...bottom.lines], below(bottom.cursor, tail.length), size.rows - 1);
}

function bottomPart(input: FrameInput, size: Size): Drawn {
  if (input.approval !== undefined) return dialogPart(input, input.approval, size);
  return input.screen.picker === undefined ? promptPart(input, size) : pickerPart(input, input.screen.picker, size);
}

/** What is not finished yet: reasoning, the open block of the reply, calls other than the one in the dialog. */
function tailLines(view: ChatView, width: number): Line[] {
  const { thought, draft, cards, approvals } = view;
  const lines: Line[] = [];
  if (thought.words > 0) lines.push([], [dim(`  thinking · ${thought.words.toLocaleString("en-US")} words`)]);
  if (draft.text.trim() !== "") lines.push(...(draft.continued ? [] : [[]]), ...replyLines(draft.text, width));
  let previous = view.committed.at(-1);
  const asked = approvals[0]?.call.id;
  for (const card of cards) {
    if (card.callId === asked) continue;
    const block: Block = { kind: "tool", card };
    lines.push(...blockLines(block, previous, width));
    previous = block;
  }
  if (view.plan.length > 0) lines.push([], ...planLines(view.plan, width));
  return lines;
}

function promptPart({ view, prompt, screen, tick }: FrameInput, { columns, rows }: Size): Drawn {
  const queued = view.queued === undefined ? [] : [truncate([dim(`  queued: ${oneLine(view.queued)}`)], columns)];
  const look = { mark: "› ", placeholder, mostRows: Math.max(1, Math.min(8, Math.floor(rows / 3))) };
  const input = editorLines(prompt.editor, look, columns);
  const rule: Line = [dim("─".repeat(Math.min(72, Math.max(1, columns - 1))))];
  const status = statusLine({ view, tick, hint: screen.hint }, Math.min(columns - 1, 100));
  const completion = screen.completion === undefined ? [] : completionLines(screen.completion, columns);
  const along = completion.length > 0 || rows < 8 ? [] : mentionLines(screen.mentions, columns);
  const above = rows < 8 ? queued : [[], ...queued];
  const end = rows < 8 ? [status] : [rule, status];
  const cursor = below(input.cursor, above.length);
  return { lines: [...above, ...input.lines, ...completion, ...along, ...end], cursor };
}

const mentionLines = (mentions: readonly string[], columns: number): Line[] =>
  mentions.length === 0 ? [] : [truncate([dim(`  + ${mentions.map(sanitiseLine).join(" · ")}`)], columns)];

const placeholder = "ask about this code, or / for commands";

function dialogPart({ view, tick }: FrameInput, approval: DialogInput, { columns }: Size): Drawn {
  const drawn = dialogLines(approval, columns);
  const status = statusLine({ view, tick, hint: undefined }, Math.min(columns - 1, 100));
  return { lines: [...drawn.lines, [span("")], status], cursor: drawn.cursor };
}

function pickerPart({ view, tick }: FrameInput, picker: Picker, { columns, rows }: Size): Drawn {
  const drawn = pickerLines(picker, { columns, rows: rows - 2 });
  const status = statusLine({ view, tick, hint: undefined }, Math.min(columns - 1, 100));
  return { lines: [...drawn.lines, status], cursor: drawn.cursor };
}

const oneLine = (text: string): string => text.replaceAll("\n", " ");

const below = (cursor: Drawn["cursor"], lines: number): Drawn["cursor"] =>
  cursor && { x: cursor.x, y: cursor.y + lines };

function fit(lines: Line[], cursor: Drawn["cursor"], most: number): Drawn {
  const over = Math.max(0, lines.length - Math.max(1, most));
  const moved = below(cursor, -over);
  return { lines: lines.slice(over), cursor: moved !== undefined && moved.y >= 0 ? moved : undefined };
}
