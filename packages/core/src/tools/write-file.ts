import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { failure, ok, TrustError } from "../protocol/errors.ts";
import type { TextFile } from "../workspace/index.ts";
import { prepareChanges, readForChange } from "./change.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { type MendedCode, mendCode } from "./mend-code.ts";
import { counted } from "./outcome.ts";

const Input = z.strictObject({ path: z.string().min(1), content: z.string() });
type Input = z.infer<typeof Input>;

/** Also replaces an existing file, which then keeps its line endings, byte order mark and permissions. */
export function writeFileTool(dependencies: ToolDependencies): Tool<Input> {
  const { workspace } = dependencies;
  return {
    name: "write_file",
    description: "Write a new file",
    risk: "change",
    input: Input,
    subject: ({ path }) => workspace.nameOf(path),
    prepare: async ({ path, content }) => {
      const resolved = await workspace.resolve(path, "write");
      if (!resolved.ok) return resolved;
      const target = resolved.value;
      if (target.kind === "directory" || /[\\/]$/.test(path)) {
        return failure(new TrustError("FILE_FAILED", `${target.name} is a directory; name a file in it`));
      }
      const existing = await readForChange(target, dependencies);
      if (!existing.ok) return existing;
      const { after, note } = await wholeFile({ path: target.name, content, existing: existing.value }, dependencies);
      const summary = counted(countLines(after), "line");
      const text = `wrote ${summary} to ${target.name}${note === undefined ? "" : ` (${note})`}`;
      if (dependencies.limits.guarded && existing.value !== undefined && existing.value.text.trim() !== "")
        return failure(existsAlready(target.name));
      return ok(prepareChanges([{ target, existing: existing.value, after }], { text, summary }, dependencies));
    },
  };
}

/** A file that is replaced keeps its line endings, and ends with one as it did. */
async function wholeFile(
  { path, content, existing }: { path: string; content: string; existing: TextFile | undefined },
  dependencies: ToolDependencies,
): Promise<MendedCode> {
  const apply = (text: string): string => (existing === undefined ? text : inFormOf(text, existing));
  const written = { path, before: existing?.text ?? "", text: content, indentation: undefined, apply };
  return (await mendCode(written, dependencies)) ?? { after: apply(content), note: undefined };
}

function existsAlready(name: string): TrustError {
  const example = `edit_file {"path": ${JSON.stringify(name)}, "old_text": "...", "new_text": "..."}`;
  return new TrustError("TOOL_FAILED", `${name} exists already; change a part of it instead`, { hint: example });
}

function inFormOf(content: string, { lineEnding, endsWithNewline }: TextFile): string {
  const text = lineEnding === "\n" ? content : content.replaceAll(/\r?\n/g, lineEnding);
  return endsWithNewline && text !== "" && !text.endsWith("\n") ? text + lineEnding : text;
}

const countLines = (text: string): number => text.split("\n").length - (text.endsWith("\n") || text === "" ? 1 : 0);
