import * as z from "zod";

import type { FoundSymbol } from "../codebase/index.ts";
import type { Tool } from "../ports/tool.ts";
import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { missingFile, readTextFile, type ResolvedPath, type TextFile } from "../workspace/index.ts";
import { mayNotBeRead, prepareChanges, readForChange } from "./change.ts";
import type { CodeAccess } from "./code-access.ts";
import { deniedWith } from "./denied-with.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { beginningAt, indentOf } from "./indentation.ts";
import { mendCode } from "./mend-code.ts";
import { counted } from "./outcome.ts";

const Input = z.strictObject({ path: z.string().min(1), name: z.string().min(1), new_text: z.string().min(1) });
type Input = z.infer<typeof Input>;

/**
 * Replaces a whole function, class or type by its name. A model that did not read the file is shown the text as it
 * stands: then it knows what it replaces, and the next call does.
 */
export function editSymbolTool(dependencies: ToolDependencies, code: CodeAccess): Tool<Input> {
  const { workspace } = dependencies;
  return {
    name: "edit_symbol",
    description: "Replace a whole function, class or type by its name",
    risk: "change",
    input: Input,
    grounding: { path: "existing-file" },
    subject: ({ path }) => workspace.nameOf(path),
    deniedWith,
    prepare: async (input, signal) => {
      const found = await locate(input, { dependencies, code }, signal);
      if (!found.ok) return found;
      const at = found.value;
      const shown = showFirst(at, dependencies);
      if (shown !== undefined) return failure(shown);
      const existing = await readForChange(at.target, dependencies);
      if (!existing.ok) return existing;
      if (existing.value?.version !== at.file.version || !stands(at)) return failure(changedMeanwhile(at.target.name));
      const { after, note } = await replaced(at, input.new_text, dependencies);
      if (after === at.file.text) return failure(nothingNew());
      const how = note === undefined ? "" : ` (${note})`;
      const text = `replaced ${at.place.kind} ${input.name} in ${at.target.name}${how}`;
      const change = { target: at.target, existing: existing.value, after };
      return ok(prepareChanges([change], { text, summary: "1 replaced" }, dependencies));
    },
  };
}

/** The one definition that is meant, if it stands on lines of its own in a file that may be read. */
async function locate(
  input: Input,
  { dependencies, code }: { dependencies: ToolDependencies; code: CodeAccess },
  signal: AbortSignal,
): Promise<Result<Place>> {
  const { workspace, limits, mayRead } = dependencies;
  const resolved = await workspace.resolve(input.path, "write");
  if (!resolved.ok) return resolved;
  const target = resolved.value;
  if (mayRead?.(target.name) === false) return failure(mayNotBeRead(target.name));
  const file = await readTextFile(target, { maxBytes: limits.fileBytes });
  if (!file.ok) return target.kind === "missing" ? failure(missingFile(target.name)) : file;
  const { index } = await code.fresh(signal);
  const all = index.outline(target.name);
  const place = onlyOne(input.name, target, all);
  if (!place.ok) return place;
  const at = { target, file: file.value, place: place.value };
  return sharesLines(at, all) ? failure(notAlone(input.name, target)) : ok(at);
}

const nothingNew = (): TrustError => new TrustError("TOOL_FAILED", "the file already says that; nothing would change");

interface Place {
  target: ResolvedPath;
  file: TextFile;
  place: FoundSymbol;
}

/** `Store.put` names what lies in another. */
function onlyOne(name: string, target: ResolvedPath, all: readonly FoundSymbol[]): Result<FoundSymbol> {
  const parts = name.split(".");
  const last = parts.at(-1);
  const container = parts.slice(0, -1).join(".");
  const called = all.filter(
    (one) => one.name === last && (container === "" || `.${one.container ?? ""}`.endsWith(`.${container}`)),
  );
  const [first, second] = called;
  if (first === undefined) {
    const names = all
      .slice(0, 20)
      .map((one) => one.name)
      .join(", ");
    const hint = names === "" ? "The file defines nothing that is known" : `It defines ${names}`;
    return failure(new TrustError("TOOL_FAILED", `${target.name} defines no ${name}`, { hint }));
  }
  if (second === undefined) return ok(first);
  const lines = called.map(
    ({ line, container: inside }) => `line ${line}${inside === undefined ? "" : ` in ${inside}`}`,
  );
  return failure(
    new TrustError(
      "TOOL_FAILED",
      `${target.name} defines ${name} ${counted(called.length, "time")}: ${lines.join(", ")}`,
      {
        hint: "Name what it lies in, too, such as Store.put; or use edit_file",
      },
    ),
  );
}

/**
 * Whether more than the definition stands on its first or last line. What lies in it may; what it lies in may end with it
 * where blocks have no sign at their end.
 */
function sharesLines(at: Place, all: readonly FoundSymbol[]): boolean {
  const { place } = at;
  const path = [place.container, place.name].filter(Boolean).join(".");
  const isInside = ({ container = "" }: FoundSymbol): boolean => `${container}.`.startsWith(`${path}.`);
  const holds = (one: FoundSymbol): boolean =>
    `${path}.`.startsWith(`${[one.container, one.name].filter(Boolean).join(".")}.`) && one.name !== place.name;
  const isClosed = !/\.pyi?$/.test(at.target.name);
  return all.some((one) => {
    if (one === place || isInside(one)) return false;
    if (holds(one)) return one.line === place.line || (one.endLine === place.endLine && isClosed);
    return one.endLine >= place.line && one.line <= place.endLine;
  });
}

const notAlone = (name: string, { name: path }: ResolvedPath): TrustError =>
  new TrustError("TOOL_FAILED", `${name} shares a line of ${path} with something else`, { hint: "Use edit_file" });

/** The index may be behind the file. */
const stands = (at: Place): boolean => linesOf(at)[0]?.includes(at.place.name) === true;

const changedMeanwhile = (name: string): TrustError =>
  new TrustError("FILE_CONFLICT", `${name} changed while it was looked at`, { hint: "Make the call again" });

const linesOf = ({ file, place }: Place): string[] => file.text.split("\n").slice(place.line - 1, place.endLine);

/** What is not known yet, with the text; undefined when the model has read it. */
function showFirst(at: Place, { ledger, limits }: ToolDependencies): TrustError | undefined {
  const { target, file, place } = at;
  const known = ledger.versionOf(target.path);
  if (known === file.version || (known === undefined && !limits.guarded)) return undefined;
  const lines = linesOf(at);
  const where = `lines ${place.line} to ${place.endLine} of ${target.name}`;
  if (lines.length > limits.resultLines) {
    const message = `${place.name} was not read yet, and is too long to be replaced at once: ${where}`;
    const hint = `Read it and change a part: read_file {"path": ${JSON.stringify(target.name)}, "from_line": ${place.line}}`;
    return new TrustError("FILE_CONFLICT", message, { hint });
  }
  ledger.note(target.path, file.version);
  const message = `${place.name} was not read yet, or has changed. It stands on ${where}:\n${lines.join("\n")}\n`;
  return new TrustError("FILE_CONFLICT", message, { hint: "Make the call again, with what should stand there" });
}

/** Decorators and comments above a definition stay: a model that writes them again means these. */
function withoutRepeated(written: readonly string[], above: readonly string[]): readonly string[] {
  const same = (line: string | undefined, other: string | undefined): boolean => line?.trim() === other?.trim();
  for (let count = Math.min(written.length - 1, above.length, mostAbove); count > 0; count--) {
    const before = above.slice(-count);
    if (before.every((line, index) => line.trim() !== "" && same(line, written[index]))) return written.slice(count);
  }
  return written;
}

/** Lines of decorators and comments. */
const mostAbove = 60;

const bare = (text: string): string => text.replaceAll("\r\n", "\n").replace(/^\n+|\n+$/g, "");

async function replaced(
  at: Place,
  newText: string,
  dependencies: ToolDependencies,
): Promise<{ after: string; note: string | undefined }> {
  const { target, file, place } = at;
  const lines = file.text.split("\n");
  const indentation = indentOf(lines[place.line - 1] ?? "");
  const isWindows = file.lineEnding === "\r\n";
  const apply = (text: string): string => {
    const plain = withoutRepeated(beginningAt(bare(text), indentation).split("\n"), lines.slice(0, place.line - 1));
    const inserted = isWindows ? plain.map((line) => `${line}\r`) : plain;
    const isEnd = place.endLine >= lines.length;
    return [...lines.slice(0, place.line - 1), ...inserted, ...lines.slice(place.endLine)]
      .join("\n")
      .replace(isEnd ? /\r$/ : /$^/, "");
  };
  const written = { path: target.name, before: file.text, text: newText, indentation, apply };
  const { after = apply(newText), note } = (await mendCode(written, dependencies)) ?? {};
  const isMoved = beginningAt(bare(newText), indentation) !== bare(newText);
  return { after, note: note ?? (isMoved ? "indented as the place is" : undefined) };
}
