import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { ok } from "../protocol/errors.ts";
import { type CodeAccess, found } from "./code-access.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { pathLine } from "./outcome.ts";

const Input = z.strictObject({ name: z.string().min(1) });
type Input = z.infer<typeof Input>;

const mostLines = 12;
const because = { definition: "defines it", import: "imports it", name: "has the name" };

/** By name: certain where the file imports the one that defines it, and only likely elsewhere, which the result says. */
export function findReferencesTool({ limits }: ToolDependencies, code: CodeAccess): Tool<Input> {
  return {
    name: "find_references",
    description: "Find where a function, class or type is used",
    risk: "read",
    input: Input,
    subject: ({ name }) => name,
    prepare: ({ name }) =>
      Promise.resolve(
        ok({
          run: async (signal) => {
            const { index, isComplete } = await code.fresh(signal);
            const rows = index.references(name).map(({ path, lines, by }) => {
              const more = lines.length > mostLines ? ", ..." : "";
              return `${pathLine(path)}: ${lines.slice(0, mostLines).join(", ")}${more}  (${because[by]})`;
            });
            return found(rows, { one: "file", none: `nothing uses ${name}`, isComplete, most: limits.resultLines });
          },
        }),
      ),
  };
}
