import { fileURLToPath } from "node:url";

import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { Workspace } from "@trust-cli/core/workspace";

/** What the person sent, as text for the model. Files are named, not pasted: the model reads them through its tools. */
export function promptText(blocks: readonly ContentBlock[], workspace: Pick<Workspace, "nameOf">): string {
  return blocks
    .map((block) => blockText(block, workspace))
    .filter((text) => text !== "")
    .join("\n");
}

/** What the person wrote themselves. */
export const typedText = (blocks: readonly ContentBlock[]): string =>
  blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");

function blockText(block: ContentBlock, workspace: Pick<Workspace, "nameOf">): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "resource_link":
      return `(The person attached ${nameOf(block.uri, workspace)})`;
    case "resource": {
      const { resource } = block;
      const name = nameOf(resource.uri, workspace);
      return "text" in resource ? `(The person attached ${name}:)\n${resource.text}` : `(The person attached ${name})`;
    }
    default:
      return "(The person attached something that is no text; it cannot be read.)";
  }
}

/** Paths below the workspace are relative to it, as the tools write them. */
function nameOf(uri: string, workspace: Pick<Workspace, "nameOf">): string {
  if (!uri.startsWith("file:")) return uri;
  try {
    return workspace.nameOf(fileURLToPath(uri));
  } catch {
    return uri;
  }
}
