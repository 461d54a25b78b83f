import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { missingFile, type TextFile } from "../workspace/index.ts";
import { prepareChanges, readForChange, type Report } from "./change.ts";
import { deniedWith } from "./denied-with.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { indentOf } from "./indentation.ts";
import { type MendedCode, mendCode } from "./mend-code.ts";
import { counted } from "./outcome.ts";

const Input = z.strictObject({
  path: z.string().min(1),
  from_line: z.int().positive(),
  to_line: z.int().nonnegative(),
  new_text: z.string(),
});
type Input = z.infer<typeof Input>;

/**
 * Replaces lines by their numbers; `to_line` one less than `from_line` inserts before it. Only in the very version whose
 * numbers the model saw: after any change it has to read again.
 */
export function replaceLinesTool(dependencies: ToolDependencies): Tool<Input> {
  const { workspace, ledger } = dependencies;
  return {
    name: "replace_lines",
    description: "Replace lines of a file that was just read",
    risk: "change",
    input: Input,
    grounding: { path: "existing-file" },
    subject: ({ path }) => workspace.nameOf(path),
    deniedWith,
    prepare: async (input) => {
      const target = await workspace.resolve(input.path, "write");
      if (!target.ok) return target;
      const existing = await readForChange(target.value, dependencies);
      if (!existing.ok) return existing;
      if (existing.value === undefined) return failure(missingFile(target.value.name));
      if (ledger.numberedVersionOf(target.value.path) !== existing.value.version)
        return failure(otherNumbers(target.value.name));
      const file = existing.value;
      const after = replaced(file, input);
      if (!after.ok) return after;
      const mended = await mendLines({ name: target.value.name, file, input }, dependencies);
      const change = { target: target.value, existing: file, after: mended?.after ?? after.value };
      return ok(prepareChanges([change], report(target.value.name, input, mended?.note), dependencies));
    },
  };
}

interface WrittenLines {
  name: string;
  file: TextFile;
  input: Input;
}

const mendLines = (
  { name, file, input }: WrittenLines,
  dependencies: ToolDependencies,
): Promise<MendedCode | undefined> =>
  mendCode(
    {
      path: name,
      before: file.text,
      text: input.new_text,
      indentation: indentOf(file.text.split("\n")[input.from_line - 1] ?? ""),
      apply: (newText) => textOf(replaced(file, { ...input, new_text: newText })),
    },
    dependencies,
  );

function report(name: string, { from_line: from, to_line: to }: Input, note: string | undefined): Report {
  const how = note === undefined ? "" : ` (${note})`;
  if (to < from) return { text: `inserted before line ${from} of ${name}${how}`, summary: "inserted" };
  const lines = counted(to - from + 1, "line");
  return { text: `replaced ${lines} of ${name}${how}`, summary: `${lines} replaced` };
}

const textOf = (after: Result<string>): string | undefined => (after.ok ? after.value : undefined);

function replaced({ text, lineEnding, endsWithNewline }: TextFile, input: Input): Result<string> {
  const { from_line: from, to_line: to, new_text: added } = input;
  // Each with its own ending: lines that stay keep theirs.
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  if (to < from - 1) return failure(new TrustError("INPUT_INVALID", `to_line ${to} is before from_line ${from}`));
  if (to > lines.length || from > lines.length + 1) {
    return failure(new TrustError("INPUT_INVALID", `the file has only ${counted(lines.length, "line")}`));
  }
  const plain = added.replaceAll("\r\n", "\n").replace(/\n$/, "");
  const inserted = added === "" ? [] : plain.split("\n").map((line) => line + lineEnding);
  const all = [...lines.slice(0, from - 1), ...inserted, ...lines.slice(to)];
  const whole = all.map((line, index) => (line.endsWith("\n") || index === all.length - 1 ? line : line + lineEnding));
  const after = whole.join("");
  const isEnded = endsWithNewline || text === "";
  const result = isEnded
    ? after === "" || after.endsWith("\n")
      ? after
      : after + lineEnding
    : after.replace(/\r?\n$/, "");
  if (result !== text) return ok(result);
  return failure(new TrustError("TOOL_FAILED", "the file already says that; nothing would change"));
}

function otherNumbers(name: string): TrustError {
  return new TrustError("FILE_CONFLICT", `the line numbers of ${name} may have changed since it was read`, {
    hint: `Read it again: read_file {"path": ${JSON.stringify(name)}}`,
  });
}
