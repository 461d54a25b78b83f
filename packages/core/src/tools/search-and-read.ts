import * as z from "zod";

import type { CodeIndex, SearchHit } from "../codebase/index.ts";
import type { Tool, ToolOutcome } from "../ports/tool.ts";
import { ok } from "../protocol/errors.ts";
import { cutLine, readTextFile } from "../workspace/index.ts";
import { type CodeAccess, searchCode } from "./code-access.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { counted, done, pathLine } from "./outcome.ts";

const Input = z.strictObject({ query: z.string().min(1) });
type Input = z.infer<typeof Input>;

const mostFiles = 4;
/** Lines around a hit that lies in no definition, and the longest definition that is shown whole. */
const around = 6;
const longest = 60;

/** Finds places in the code and reads them in the same call: what small models would need three calls for. */
export function searchAndReadTool(dependencies: ToolDependencies, code: CodeAccess): Tool<Input> {
  return {
    name: "search_and_read",
    description: "Search the code by words and read the best places",
    risk: "read",
    input: Input,
    subject: ({ query }) => query,
    prepare: ({ query }) =>
      Promise.resolve(
        ok({
          run: async (signal) => {
            const { index, hits, isComplete } = await searchCode(code, { query, limit: mostFiles }, signal);
            return await readHits(hits, { index, isComplete, dependencies });
          },
        }),
      ),
  };
}

interface Reading {
  index: CodeIndex;
  isComplete: boolean;
  dependencies: ToolDependencies;
}

async function readHits(hits: readonly SearchHit[], reading: Reading): Promise<ToolOutcome> {
  const { resultBytes } = reading.dependencies.limits;
  const shown: string[] = [];
  let left = resultBytes;
  for (const hit of hits) {
    const read = await readHit(hit, reading);
    if (read === undefined) continue;
    if (Buffer.byteLength(read.text) > left) break;
    left -= Buffer.byteLength(read.text);
    shown.push(read.text);
    reading.dependencies.ledger.noteRead(read.path, read.version);
  }
  const note = reading.isComplete ? [] : ["(the code is still being indexed: there may be more)"];
  const none = "nothing in the code has these words; try others, or search_text";
  const rest = hits.slice(shown.length).map(({ path }) => pathLine(path));
  const more = shown.length > 0 && rest.length > 0 ? [`also in: ${rest.join(", ")}`] : [];
  const text = [...(shown.length === 0 ? [none] : shown), ...more, ...note].join("\n\n");
  return done(text, shown.length === 0 ? "nothing" : counted(shown.length, "file"));
}

/** The places of one file, numbered; undefined when it cannot be read any more. */
async function readHit(
  { path, lines: hitLines }: SearchHit,
  reading: Reading,
): Promise<{ text: string; path: string; version: string } | undefined> {
  const { index, dependencies } = reading;
  const { workspace, limits } = dependencies;
  const target = await workspace.resolve(path, "read");
  if (!target.ok || dependencies.mayRead?.(target.value.name) === false) return undefined;
  const file = await readTextFile(target.value, { maxBytes: limits.fileBytes });
  if (!file.ok) return undefined;
  const lines = file.value.text.split(/\r?\n/);
  const ranges = merged(hitLines.map(({ line }) => rangeAt(line, index.outline(path), lines.length)));
  const perFile = Math.max(10, Math.floor(limits.resultLines / 2));
  const parts = firstLines(ranges, perFile).map(({ from, to }) =>
    lines
      .slice(from - 1, to)
      .map((line, at) => `${String(from + at).padStart(4)}\t${cutLine(line, limits.lineColumns)}`)
      .join("\n"),
  );
  const text = [pathLine(path), parts.join("\n   …\n")].join("\n");
  return { text, path: target.value.path, version: file.value.version };
}

interface Range {
  from: number;
  to: number;
}

/** The smallest definition around a line, or the lines around it. */
function rangeAt(line: number, outline: ReturnType<CodeIndex["outline"]>, count: number): Range {
  const holding = outline.filter((one) => one.line <= line && line <= one.endLine && one.endLine - one.line < longest);
  const smallest = holding.toSorted((a, b) => a.endLine - a.line - (b.endLine - b.line))[0];
  if (smallest !== undefined && smallest.endLine > smallest.line) return { from: smallest.line, to: smallest.endLine };
  return { from: Math.max(1, line - around), to: Math.min(count, line + around) };
}

function merged(ranges: readonly Range[]): Range[] {
  const sorted = ranges.toSorted((a, b) => a.from - b.from);
  const result: Range[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last !== undefined && range.from <= last.to + 1) last.to = Math.max(last.to, range.to);
    else result.push({ ...range });
  }
  return result;
}

function firstLines(ranges: readonly Range[], most: number): Range[] {
  let left = most;
  return ranges.flatMap(({ from, to }) => {
    if (left <= 0) return [];
    const kept = { from, to: Math.min(to, from + left - 1) };
    left -= kept.to - from + 1;
    return [kept];
  });
}
