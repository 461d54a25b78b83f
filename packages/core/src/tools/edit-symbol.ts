import * as z from "zod";

import type { FoundSymbol } from "../codebase/index.ts";
import type { Tool } from "../ports/tool.ts";
import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { missingFile, readTextFile, type ResolvedPath, type TextFile } from "../workspace/index.ts";
import { prepareChanges, readForChange } from "./change.ts";
import type { CodeAccess } from "./code-access.ts";
import { deniedWith } from "./denied-with.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { indentOf } from "./indentation.ts";
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
      const target = await workspace.resolve(input.path, "write");
      if (!target.ok) return target;
      const file = await readTextFile(target.value, { maxBytes: dependencies.limits.fileBytes });
      if (!file.ok) return target.value.kind === "missing" ? failure(missingFile(target.value.name)) : file;
      const { index } = await code.fresh(signal);
      const place = onlyOne(input.name, target.value, index.outline(target.value.name));
      if (!place.ok) return place;
      const shown = showFirst({ target: target.value, file: file.value, place: place.value }, dependencies);
      if (shown !== undefined) return failure(shown);
      const existing = await readForChange(target.value, dependencies);
      if (!existing.ok) return existing;
      const at = { target: target.value, file: file.value, place: place.value };
      if (existing.value?.version !== file.value.version || !stands(at))
        return failure(changedMeanwhile(target.value.name));
      const { after, note } = await replaced(at, input.new_text, dependencies);
      if (after === file.value.text) return failure(nothingNew());
      const how = note === undefined ? "" : ` (${note})`;
      const text = `replaced ${place.value.kind} ${input.name} in ${target.value.name}${how}`;
      const change = { target: target.value, existing: existing.value, after };
      return ok(prepareChanges([change], { text, summary: "1 replaced" }, dependencies));
    },
  };
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
    (one) => one.name === last && (container === "" || (one.container ?? "").endsWith(container)),
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
  ledger.note(target.path, file.version);
  const text = linesOf(at).slice(0, limits.resultLines).join("\n");
  const message = `${place.name} was not read yet, or has changed. It stands on lines ${place.line} to ${place.endLine} of ${target.name}:\n${text}\n`;
  return new TrustError("FILE_CONFLICT", message, { hint: "Make the call again, with what should stand there" });
}

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
    const plain = text
      .replaceAll("\r\n", "\n")
      .replace(/^\n+|\n+$/g, "")
      .split("\n");
    const inserted = isWindows ? plain.map((line) => `${line}\r`) : plain;
    const isEnd = place.endLine >= lines.length;
    return [...lines.slice(0, place.line - 1), ...inserted, ...lines.slice(place.endLine)]
      .join("\n")
      .replace(isEnd ? /\r$/ : /$^/, "");
  };
  const written = { path: target.name, before: file.text, text: newText, indentation, apply };
  return (await mendCode(written, dependencies)) ?? { after: apply(newText), note: undefined };
}
