import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { missingFile, type ResolvedPath, type TextFile } from "../workspace/index.ts";
import { prepareChanges, readForChange } from "./change.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { indentOf } from "./indentation.ts";
import { type Edit, locateEdit } from "./locate-edit.ts";
import { mendCode } from "./mend-code.ts";

const Input = z.strictObject({ path: z.string().min(1), old_text: z.string(), new_text: z.string() });
type Input = z.infer<typeof Input>;

/** Everything outside the replaced text stays byte for byte as it is. */
export function editFileTool(dependencies: ToolDependencies): Tool<Input> {
  const { workspace } = dependencies;
  return {
    name: "edit_file",
    description: "Replace text in a file",
    risk: "change",
    input: Input,
    grounding: { path: "existing-file" },
    subject: ({ path }) => workspace.nameOf(path),
    prepare: async ({ path, old_text: oldText, new_text: newText }) => {
      const target = await workspace.resolve(path, "write");
      if (!target.ok) return target;
      const existing = await readForChange(target.value, dependencies);
      if (!existing.ok) return existing;
      if (existing.value === undefined) return failure(missingFile(target.value.name));
      const known = { target: target.value, existing: existing.value };
      const edited = await workOutEdit(known, { oldText, newText }, dependencies);
      if (!edited.ok) return edited;
      const { after, notes } = edited.value;
      const text = `replaced 1 occurrence in ${target.value.name}${notes}`;
      return ok(prepareChanges([{ ...known, after }], { text, summary: "1 replaced" }, dependencies));
    },
  };
}

interface KnownFile {
  target: ResolvedPath;
  existing: TextFile;
}

/** The new text of a file, and what has to be said of how it came about. A place that is not found is shown. */
async function workOutEdit(
  { target, existing }: KnownFile,
  { oldText, newText }: { oldText: string; newText: string },
  dependencies: ToolDependencies,
): Promise<Result<{ after: string; notes: string }>> {
  const { failures } = dependencies;
  const edited = applyEdit(existing, oldText, newText);
  if (!edited.ok) return failure(await failures.missed({ target, existing, oldText }, edited.error));
  failures.fitted(target.path);
  const { isTolerant, start } = edited.value;
  const mended = await mendCode(
    {
      path: target.name,
      before: existing.text,
      text: unixText(newText),
      indentation: indentationAt(unixText(existing.text), start),
      apply: (text) => textOf(applyEdit(existing, oldText, text)),
    },
    dependencies,
  );
  const notes = [
    ...(isTolerant ? ["found with other white space; the indentation of the file was kept"] : []),
    ...(mended?.note === undefined ? [] : [mended.note]),
  ];
  const after = mended?.after ?? edited.value.after;
  return ok({ after, notes: notes.length === 0 ? "" : ` (${notes.join("; ")})` });
}

const textOf = (edited: ReturnType<typeof applyEdit>): string | undefined =>
  edited.ok ? edited.value.after : undefined;

const indentationAt = (text: string, offset: number): string =>
  indentOf(text.slice(text.lastIndexOf("\n", offset - 1) + 1));

/** The text of the file with one place replaced, in the file's own line endings. `start` counts `\r\n` as one character. */
export function applyEdit(
  file: TextFile,
  oldText: string,
  newText: string,
): Result<{ after: string; isTolerant: boolean; start: number }> {
  if (oldText === "") return failure(mistake("old_text is empty", "To replace the whole file: write_file"));
  if (oldText === newText) return failure(mistake("new_text is the same as old_text; nothing would change"));
  const located = locateEdit(unixText(file.text), unixText(oldText), unixText(newText));
  if (!located.ok) return located;
  const after = replaceIn(file, located.value);
  if (after === file.text) return failure(mistake("the file already says that; nothing would change"));
  const { isTolerant, start } = located.value;
  return ok({ after, isTolerant, start });
}

const mistake = (message: string, hint?: string): TrustError => new TrustError("TOOL_FAILED", message, { hint });

const unixText = (text: string): string => text.replaceAll("\r\n", "\n");

/** Offsets of `edit` count `\r\n` as one character; new lines get the file's own ending, as does its end. */
function replaceIn(file: TextFile, { start, end, replacement }: Edit): string {
  const inserted = file.lineEnding === "\n" ? replacement : replacement.replaceAll("\n", file.lineEnding);
  const after = file.text.slice(0, rawOffset(file.text, start)) + inserted + file.text.slice(rawOffset(file.text, end));
  return file.endsWithNewline && after !== "" && !after.endsWith("\n") ? after + file.lineEnding : after;
}

/** The offset in `text` of a position that was counted with each `\r\n` as one character. */
function rawOffset(text: string, position: number): number {
  let offset = position;
  for (let at = text.indexOf("\r\n"); at !== -1 && at < offset; at = text.indexOf("\r\n", at + 2)) offset += 1;
  return offset;
}
