import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { failure, ok } from "../protocol/errors.ts";
import { missingFile } from "../workspace/index.ts";
import { type CodeAccess, found } from "./code-access.ts";
import type { ToolDependencies } from "./dependencies.ts";

const Input = z.strictObject({ path: z.string().min(1) });
type Input = z.infer<typeof Input>;

export function outlineTool({ workspace, limits }: ToolDependencies, code: CodeAccess): Tool<Input> {
  return {
    name: "outline",
    description: "List what a file defines, with lines",
    risk: "read",
    input: Input,
    grounding: { path: "existing-file" },
    subject: ({ path }) => workspace.nameOf(path),
    prepare: async ({ path }) => {
      const target = await workspace.resolve(path, "read");
      if (!target.ok) return target;
      const { name, kind } = target.value;
      if (kind === "missing") return failure(missingFile(name));
      return ok({
        run: async (signal) => {
          const { index, isComplete } = await code.fresh(signal);
          const rows = index.outline(name).map(({ line, endLine, signature, container }) => {
            const depth = container === undefined ? 0 : container.split(".").length;
            return `${`${line}-${endLine}`.padStart(9)}  ${"  ".repeat(depth)}${signature}`;
          });
          const none = `${name} defines nothing that is known: it may be no code, generated or ignored`;
          return found(rows, { one: "definition", none, isComplete, most: limits.resultLines });
        },
      });
    },
  };
}
