import { createInterface } from "node:readline/promises";

import { stripTerminalControls } from "@trust-cli/core/privacy";
import type { ApprovalDecision, ApprovalRequest, FileDiff, Preview } from "@trust-cli/core/protocol";
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
  return (preview.kind === "diff" ? [preview] : preview.files).map(patchText).join("\n");
}

function patchText({ path, before, after, isNew, isRemoved }: FileDiff): string {
  const [from, to] = [isNew ? "/dev/null" : path, isRemoved === true ? "/dev/null" : path];
  return createTwoFilesPatch(from, to, before, after, "", "", { context: 3 });
}
