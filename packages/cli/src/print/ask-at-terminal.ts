import { createInterface } from "node:readline/promises";

import { stripTerminalControls } from "@trust-cli/core/privacy";
import type { ApprovalDecision, ApprovalRequest, Preview } from "@trust-cli/core/protocol";
import { createTwoFilesPatch } from "diff";

/** Shows the whole change or command on stderr and asks. Anything but y is no. */
export async function askAtTerminal(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision> {
  const shown = request.preview === undefined ? request.subject : previewText(request.preview);
  process.stderr.write(stripTerminalControls(`${request.call.name}\n${shown}\n${request.rule}\n`));
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question("Run this? [y/N] ", { signal });
    return /^y(es)?$/i.test(answer.trim()) ? { decision: "yes" } : { decision: "no", reason: "" };
  } catch {
    return { decision: "no", reason: "interrupted" };
  } finally {
    terminal.close();
  }
}

function previewText(preview: Preview): string {
  if (preview.kind === "command") return `in ${preview.cwd}:\n  ${preview.command}`;
  return createTwoFilesPatch(preview.path, preview.path, preview.before, preview.after, "", "", { context: 3 });
}
