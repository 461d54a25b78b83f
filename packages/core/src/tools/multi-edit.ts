import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { failure, ok, TrustError } from "../protocol/errors.ts";
import { missingFile } from "../workspace/index.ts";
import { prepareChanges, readForChange } from "./change.ts";
import { deniedWith } from "./denied-with.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { applyEdit } from "./edit-file.ts";
import { counted } from "./outcome.ts";

const Input = z.strictObject({
  path: z.string().min(1),
  edits: z.array(z.strictObject({ old_text: z.string(), new_text: z.string() })).min(1),
});
type Input = z.infer<typeof Input>;

/** Several replacements in one file, one after the other: all of them or none. */
export function multiEditTool(dependencies: ToolDependencies): Tool<Input> {
  const { workspace } = dependencies;
  return {
    name: "multi_edit",
    description: "Replace several texts in a file",
    risk: "change",
    input: Input,
    grounding: { path: "existing-file" },
    subject: ({ path }) => workspace.nameOf(path),
    deniedWith,
    prepare: async ({ path, edits }) => {
      const target = await workspace.resolve(path, "write");
      if (!target.ok) return target;
      const existing = await readForChange(target.value, dependencies);
      if (!existing.ok) return existing;
      if (existing.value === undefined) return failure(missingFile(target.value.name));
      let { text: after } = existing.value;
      for (const [index, { old_text: oldText, new_text: newText }] of edits.entries()) {
        const edited = applyEdit({ ...existing.value, text: after }, oldText, newText);
        if (!edited.ok) return failure(inEdit(index + 1, edited.error));
        after = edited.value.after;
      }
      const text = `replaced ${counted(edits.length, "place")} in ${target.value.name}`;
      const change = { target: target.value, existing: existing.value, after };
      return ok(prepareChanges([change], { text, summary: `${edits.length} replaced` }, dependencies));
    },
  };
}

function inEdit(number: number, { message, hint }: TrustError): TrustError {
  return new TrustError("TOOL_FAILED", `edit ${number}: ${message}; nothing was changed`, { hint });
}
