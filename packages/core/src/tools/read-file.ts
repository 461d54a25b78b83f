import * as z from "zod";

import type { Tool, ToolOutcome } from "../ports/tool.ts";
import { failure, ok, TrustError } from "../protocol/errors.ts";
import { type ResolvedPath, type ScannedLines, scanLines } from "../workspace/index.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { counted, done, failed } from "./outcome.ts";

const Input = z.strictObject({
  path: z.string(),
  from_line: z.int().positive().optional(),
  to_line: z.int().positive().optional(),
});
type Input = z.infer<typeof Input>;

export function readFileTool(dependencies: ToolDependencies): Tool<Input> {
  const { workspace } = dependencies;
  return {
    name: "read_file",
    description: "Read a file",
    risk: "read",
    input: Input,
    grounding: { path: "existing-file" },
    subject: ({ path }) => workspace.nameOf(path),
    prepare: async (input) => {
      const { from_line: from = 1, to_line: to = Infinity } = input;
      if (to < from) return failure(new TrustError("INPUT_INVALID", `to_line ${to} is before from_line ${from}`));
      const target = await workspace.resolve(input.path, "read");
      if (!target.ok) return target;
      return ok({ run: (signal) => read(target.value, input, dependencies, signal) });
    },
  };
}

async function read(
  target: ResolvedPath,
  input: Input,
  { ledger, limits }: ToolDependencies,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const { from_line: from = 1, to_line: to = Infinity } = input;
  const { resultLines: maxLines, resultBytes: maxBytes, lineColumns: maxColumns, fileBytes: wholeBytes } = limits;
  const scanned = await scanLines(target, { from, to, maxLines, maxBytes, maxColumns, wholeBytes }, signal);
  if (!scanned.ok) return failed(scanned.error);
  const { lines, total, version } = scanned.value;
  if (version !== undefined) ledger.noteRead(target.path, version);
  const summary = counted(lines.length, "line");
  if (total === 0) return done("the file is empty", summary);
  if (lines.length === 0) return failed(new TrustError("INPUT_INVALID", `${target.name} has only ${total} lines`));
  if (lines.length === total) return done(lines.join("\n"), summary);
  return done([...numbered(lines, from), ...whatIsLeft(target.name, from, to, scanned.value)].join("\n"), summary);
}

const numbered = (lines: readonly string[], from: number): string[] =>
  lines.map((line, index) => `${String(from + index).padStart(4)}\t${line}`);

/** Nothing when the whole range that was asked for is shown. */
function whatIsLeft(name: string, from: number, to: number, { lines, total }: ScannedLines): string[] {
  const next = from + lines.length;
  if (next > Math.min(to, total ?? Infinity)) return [];
  const more = total === undefined ? "more lines" : counted(total - next + 1, "more line");
  const call = `{"path": ${JSON.stringify(name)}, "from_line": ${next}}`;
  return [`... ${more}. To read on: read_file ${call}`];
}
