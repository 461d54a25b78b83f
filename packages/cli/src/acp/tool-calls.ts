import { resolve } from "node:path";

import type { ToolCallContent, ToolCallLocation, ToolKind } from "@agentclientprotocol/sdk";
import type { FileDiff, Preview, ToolCall } from "@trust-cli/core/protocol";

const kinds: Readonly<Record<string, ToolKind>> = {
  read_file: "read",
  list_directory: "read",
  find_files: "search",
  search_text: "search",
  edit_file: "edit",
  multi_edit: "edit",
  replace_lines: "edit",
  apply_patch: "edit",
  move_file: "move",
  delete_file: "delete",
  write_file: "edit",
  run_command: "execute",
};

export const toolKind = (name: string): ToolKind => kinds[name] ?? "other";

/** One line for a tool card: the tool and the argument that matters. */
export const toolTitle = (name: string, subject: string): string => (subject === "" ? name : `${name} ${subject}`);

/** Complete: editors show people exactly this before they say yes. */
export function previewContent(preview: Preview | undefined, root: string): ToolCallContent[] {
  if (preview === undefined) return [];
  if (preview.kind === "diff") return [diffContent(preview, root)];
  if (preview.kind === "changes") return preview.files.map((file) => diffContent(file, root));
  return [textContent(`In ${preview.cwd}:\n\n${fenced(preview.command)}`)];
}

function diffContent({ path, before, after, isNew }: FileDiff, root: string): ToolCallContent {
  return { type: "diff", path: resolve(root, path), oldText: isNew ? null : before, newText: after };
}

export const textContent = (text: string): ToolCallContent => ({ type: "content", content: { type: "text", text } });

/** A fence longer than any inside, so that output cannot end it. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`;
}

/** Where in the workspace a call works, for editors that follow along. */
export function callLocations({ args }: Pick<ToolCall, "args">, root: string): ToolCallLocation[] {
  const path = args["path"];
  if (typeof path !== "string") return [];
  const line = args["from_line"];
  return [{ path: resolve(root, path), ...(typeof line === "number" ? { line } : {}) }];
}
