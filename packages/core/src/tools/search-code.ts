import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { ok } from "../protocol/errors.ts";
import { cutLine } from "../workspace/index.ts";
import { type CodeAccess, found, searchCode } from "./code-access.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { pathLine } from "./outcome.ts";

const Input = z.strictObject({ query: z.string().min(1) });
type Input = z.infer<typeof Input>;

const mostFiles = 12;

/** Words in any order and spelling (`parse config` finds `parseConfig`), the most relevant files first. */
export function searchCodeTool({ limits, mayRead }: ToolDependencies, code: CodeAccess): Tool<Input> {
  return {
    name: "search_code",
    description: "Search the code by words, best places first",
    risk: "read",
    input: Input,
    subject: ({ query }) => query,
    prepare: ({ query }) =>
      Promise.resolve(
        ok({
          run: async (signal) => {
            const { hits, isComplete } = await searchCode(code, { query, limit: mostFiles }, signal);
            const readable = hits.filter(({ path }) => mayRead?.(path) !== false);
            const rows = readable.map(({ path, lines }) => {
              const shown = lines.map(({ line, text }) => `  ${line}: ${cutLine(text.trim(), limits.lineColumns)}`);
              return [pathLine(path), ...shown].join("\n");
            });
            const none = "nothing in the code has these words; try others, or search_text";
            return found(rows, { one: "file", none, isComplete, most: mostFiles });
          },
        }),
      ),
  };
}
