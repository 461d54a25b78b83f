import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";

import * as z from "zod";

import type { Tool, ToolOutcome } from "../ports/tool.ts";
import { failure, ok, TrustError } from "../protocol/errors.ts";
import { fileError, type ResolvedPath } from "../workspace/index.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { counted, done, failed, pathLine } from "./outcome.ts";

const Input = z.strictObject({ path: z.string().optional() });
type Input = z.infer<typeof Input>;

export function listDirectoryTool({ workspace, limits }: ToolDependencies): Tool<Input> {
  return {
    name: "list_directory",
    description: "List the entries of a directory",
    risk: "read",
    input: Input,
    grounding: { path: "folder" },
    subject: ({ path = "." }) => workspace.nameOf(path),
    prepare: async ({ path = "." }) => {
      const target = await workspace.resolve(path, "read");
      if (!target.ok) return target;
      if (target.value.kind !== "directory") return failure(notADirectory(target.value));
      return ok({ run: () => list(target.value, limits.resultLines) });
    },
  };
}

function notADirectory({ name, kind }: ResolvedPath): TrustError {
  if (kind === "missing") return new TrustError("FILE_FAILED", `no such directory: ${name}`);
  const hint = `To read it: read_file {"path": ${JSON.stringify(name)}}`;
  return new TrustError("FILE_FAILED", `${name} is a file, not a directory`, { hint });
}

async function list(target: ResolvedPath, maxLines: number): Promise<ToolOutcome> {
  try {
    const entries = await readdir(target.path, { withFileTypes: true });
    const names = entries
      .filter(({ name }) => name !== ".git")
      .map(displayName)
      .toSorted();
    const summary = counted(names.length, "entry", "entries");
    if (names.length === 0) return done("the directory is empty", summary);
    const left = names.length - maxLines;
    if (left <= 0) return done(names.join("\n"), summary);
    const pattern = target.name === "." ? "a*" : `${target.name}/a*`;
    const more = `... ${counted(left, "more entry", "more entries")}. To see some of them: find_files {"pattern": "${pattern}"}`;
    return done([...names.slice(0, maxLines), more].join("\n"), summary);
  } catch (error) {
    return failed(fileError(error, target.name, "read"));
  }
}

const displayName = (entry: Dirent): string => pathLine(entry.name) + (entry.isDirectory() ? "/" : "");
