import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { failure, ok, TrustError } from "../protocol/errors.ts";
import type { TextFile } from "../workspace/index.ts";
import { prepareChanges, readForChange } from "./change.ts";
import type { ToolDependencies } from "./dependencies.ts";
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
      const after = existing.value === undefined ? content : withLineEndings(content, existing.value);
      const summary = counted(countLines(after), "line");
      const text = `wrote ${summary} to ${target.name}`;
      if (dependencies.limits.guarded && existing.value !== undefined && existing.value.text.trim() !== "")
        return failure(existsAlready(target.name));
      return ok(prepareChanges([{ target, existing: existing.value, after }], { text, summary }, dependencies));
    },
  };
}

function existsAlready(name: string): TrustError {
  const example = `edit_file {"path": ${JSON.stringify(name)}, "old_text": "...", "new_text": "..."}`;
  return new TrustError("TOOL_FAILED", `${name} exists already; change a part of it instead`, { hint: example });
}

const withLineEndings = (content: string, { lineEnding }: TextFile): string =>
  lineEnding === "\n" ? content : content.replaceAll(/\r?\n/g, lineEnding);

const countLines = (text: string): number => text.split("\n").length - (text.endsWith("\n") || text === "" ? 1 : 0);
