import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { ok } from "../protocol/errors.ts";
import { type CodeAccess, found } from "./code-access.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { pathLine } from "./outcome.ts";

const Input = z.strictObject({ name: z.string().min(1) });
type Input = z.infer<typeof Input>;

/** `Store.put` names what lies in another. Names that are like it are given when there is none that is equal. */
export function findSymbolTool({ limits }: ToolDependencies, code: CodeAccess): Tool<Input> {
  return {
    name: "find_symbol",
    description: "Find where a function, class or type is defined",
    risk: "read",
    input: Input,
    subject: ({ name }) => name,
    prepare: ({ name }) =>
      Promise.resolve(
        ok({
          run: async (signal) => {
            const { index, isComplete } = await code.fresh(signal);
            const exact = index.symbols(name);
            const symbols = exact.length > 0 ? exact : index.symbols(name, { fuzzy: true, limit: mostAlike });
            const rows = symbols.map(({ path, line, signature }) => `${pathLine(path)}:${line}  ${signature}`);
            const note = exact.length === 0 && rows.length > 0 ? [`nothing is called ${name}; like it:`] : [];
            const none = `nothing is called ${name}, or like it`;
            return found([...note, ...rows], { one: "place", none, isComplete, most: limits.resultLines });
          },
        }),
      ),
  };
}

const mostAlike = 10;
