import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { failure, ok, TrustError } from "../protocol/errors.ts";
import { missingFile } from "../workspace/index.ts";
import { prepareChanges, readForChange } from "./change.ts";
import { deniedWith } from "./denied-with.ts";
import type { ToolDependencies } from "./dependencies.ts";

const Move = z.strictObject({ from: z.string().min(1), to: z.string().min(1) });
type Move = z.infer<typeof Move>;

export function moveFileTool(dependencies: ToolDependencies): Tool<Move> {
  const { workspace } = dependencies;
  return {
    name: "move_file",
    description: "Move or rename a file",
    risk: "change",
    input: Move,
    grounding: { from: "existing-file" },
    subject: ({ to }) => workspace.nameOf(to),
    targets: ({ from, to }) => [workspace.nameOf(from), workspace.nameOf(to)],
    deniedWith,
    prepare: async ({ from, to }) => {
      const [source, target] = [await workspace.resolve(from, "write"), await workspace.resolve(to, "write")];
      if (!source.ok) return source;
      if (!target.ok) return target;
      const existing = await readForChange(source.value, dependencies);
      if (!existing.ok) return existing;
      if (existing.value === undefined) return failure(missingFile(source.value.name));
      if (target.value.kind !== "missing") return failure(occupied(target.value.name));
      const added = { target: target.value, existing: undefined, after: existing.value.text };
      const text = `moved ${source.value.name} to ${target.value.name}`;
      return ok(
        prepareChanges(
          [
            { target: source.value, existing: existing.value, after: undefined },
            { ...added, like: existing.value },
          ],
          { text, summary: "moved" },
          { ...dependencies, limits: { ...dependencies.limits, changedLines: 0 } },
        ),
      );
    },
  };
}

const occupied = (name: string): TrustError =>
  new TrustError("FILE_CONFLICT", `${name} exists already; nothing was moved`, { hint: "Name a place that is free" });

const Removal = z.strictObject({ path: z.string().min(1) });
type Removal = z.infer<typeof Removal>;

export function deleteFileTool(dependencies: ToolDependencies): Tool<Removal> {
  const { workspace } = dependencies;
  return {
    name: "delete_file",
    description: "Delete a file",
    risk: "change",
    input: Removal,
    grounding: { path: "existing-file" },
    subject: ({ path }) => workspace.nameOf(path),
    deniedWith,
    prepare: async ({ path }) => {
      const target = await workspace.resolve(path, "write");
      if (!target.ok) return target;
      const existing = await readForChange(target.value, dependencies);
      if (!existing.ok) return existing;
      if (existing.value === undefined) return failure(missingFile(target.value.name));
      const change = { target: target.value, existing: existing.value, after: undefined };
      return ok(prepareChanges([change], { text: `deleted ${target.value.name}`, summary: "deleted" }, dependencies));
    },
  };
}
