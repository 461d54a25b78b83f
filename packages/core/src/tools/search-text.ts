import * as z from "zod";

import type { Tool, ToolOutcome } from "../ports/tool.ts";
import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { confirmText, missingFile, type ResolvedPath } from "../workspace/index.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { Listing } from "./listing.ts";
import { done, failed, pathLine } from "./outcome.ts";
import { runRipgrep } from "./ripgrep.ts";

const Input = z.strictObject({ pattern: z.string().min(1), path: z.string().optional() });
type Input = z.infer<typeof Input>;

const newline = 10;
const bytesPerCharacter = 4;
const pathBytes = 4096;
/** `path`, a zero byte, `line:text`. */
const hitForm = /^(?:\.[\\/])*([^\0]*)\0(\d+):(.*)$/s;

export function searchTextTool(dependencies: ToolDependencies): Tool<Input> {
  const { workspace } = dependencies;
  return {
    name: "search_text",
    description: "Search text in files",
    risk: "read",
    input: Input,
    grounding: { path: "existing-path" },
    subject: ({ pattern, path }) => (path === undefined ? pattern : `${pattern} in ${workspace.nameOf(path)}`),
    prepare: async ({ pattern, path = "." }) => {
      const target = await workspace.resolve(path, "read");
      if (!target.ok) return target;
      if (target.value.kind === "missing") return failure(missingFile(target.value.name));
      const text = target.value.kind === "file" ? await confirmText(target.value) : ok(undefined);
      if (!text.ok) return text;
      return ok({ run: (signal) => search(pattern, target.value, dependencies, signal) });
    },
  };
}

interface Search {
  pattern: string;
  target: ResolvedPath;
  kind: "expression" | "text";
}

/** As a regular expression first; as plain text when it is none, or when nothing matches it as one. */
async function search(
  pattern: string,
  target: ResolvedPath,
  dependencies: ToolDependencies,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const first = await searchOnce({ pattern, target, kind: "expression" }, dependencies, signal);
  if (first.ok && (first.value.total > 0 || !/[\\^$.*+?()[\]{}|]/.test(pattern))) return report(first.value, "");
  if (!first.ok && first.error.code !== "INPUT_INVALID") return failed(first.error);
  const second = await searchOnce({ pattern, target, kind: "text" }, dependencies, signal);
  if (!second.ok) return failed(second.error);
  if (first.ok && second.value.total === 0) return report(second.value, "");
  const why = first.ok
    ? "nothing matches the pattern as a regular expression"
    : "the pattern is not a regular expression";
  return report(second.value, `\n(${why}, so it was searched as plain text)`);
}

function report(hits: Listing, note: string): ToolOutcome {
  if (hits.total === 0) return done(`no matches found${note}`, "no matches");
  const advice = "Use a longer pattern or a path to see fewer";
  return done(hits.text("match", advice, "matches") + note, hits.summary("match", "matches"));
}

async function searchOnce(
  { pattern, target, kind }: Search,
  { workspace, limits }: ToolDependencies,
  signal: AbortSignal,
): Promise<Result<Listing>> {
  const hits = new Listing(limits);
  const options = ["--line-number", "--no-heading", "--with-filename", "--smart-case", "--crlf"];
  const literal = kind === "text" ? ["--fixed-strings"] : [];
  const ended = await runRipgrep(
    {
      args: [...options, ...literal, "--", pattern, `./${target.name}`],
      cwd: workspace.root,
      delimiter: newline,
      recordBytes: pathBytes + limits.lineColumns * bytesPerCharacter,
      onRecord: (record) => {
        const [, path, line, text] = hitForm.exec(record) ?? [];
        if (path === undefined || line === undefined || text === undefined) return true;
        return hits.add(`${pathLine(path)}:${line}: ${text.trim()}`);
      },
    },
    signal,
  );
  if (!ended.ok) return ended;
  if (ended.value.complaint !== "" && hits.total === 0) return failure(notSearchable(ended.value.complaint));
  return ok(hits);
}

function notSearchable(complaint: string): TrustError {
  const reason = complaint.split("\n").findLast((line) => line.trim() !== "") ?? complaint;
  return new TrustError("INPUT_INVALID", `the pattern cannot be searched: ${reason.trim()}`);
}
