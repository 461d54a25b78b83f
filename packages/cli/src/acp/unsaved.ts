import type { Tool } from "@trust-cli/core/ports";
import { failure, TrustError } from "@trust-cli/core/protocol";

/** The editor's text of a file by its name in the workspace; undefined when the editor cannot tell. */
export type ReadInEditor = (name: string, signal: AbortSignal) => Promise<string | undefined>;

/**
 * A tool that changes files and leaves those alone that hold unsaved changes in the editor: the change would be worked
 * out on a text that the person no longer sees.
 */
export function respectUnsaved(tool: Tool, readInEditor: ReadInEditor): Tool {
  if (tool.risk !== "change") return tool;
  return {
    ...tool,
    async prepare(input, signal) {
      const prepared = await tool.prepare(input, signal);
      if (!prepared.ok || prepared.value.preview?.kind !== "diff") return prepared;
      const { path, before } = prepared.value.preview;
      const shown = await readInEditor(path, signal);
      if (shown === undefined || sameText(shown, before)) return prepared;
      return failure(
        new TrustError("FILE_CONFLICT", `${path} has unsaved changes in the editor`, {
          hint: "The person must save or revert it first; then read it again",
        }),
      );
    },
  };
}

const sameText = (one: string, other: string): boolean => plain(one) === plain(other);
const plain = (text: string): string => text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
