import * as vscode from "vscode";

import type { Agent, CommitMessage } from "./agent-client.ts";
import { messageOf } from "./conversation.ts";
import { chooseRepository, type GitRepository } from "./git-api.ts";

/** Writes a message for what is staged into the input box of Source Control. */
export async function writeCommitMessage(agent: () => Promise<Agent>, pressed: vscode.Uri | undefined): Promise<void> {
  const repository = await chooseRepository(pressed);
  if (repository === undefined) return warn("There is no Git repository in this window.");
  if (repository.state.indexChanges.length === 0) {
    return warn("Nothing is staged. Stage the changes that the message should describe.");
  }
  const before = repository.inputBox.value;
  const written = await askAgent(agent, repository);
  if (written === undefined) return;
  if (before.trim() !== "" && !(await mayReplace())) return;
  repository.inputBox.value = written.message;
  if (written.problems !== undefined && written.problems.length > 0) warn(written.problems.join(" "));
}

/** Undefined when the person cancelled or the reason of a failure has been shown. */
async function askAgent(agent: () => Promise<Agent>, { rootUri }: GitRepository): Promise<CommitMessage | undefined> {
  const progress = {
    location: vscode.ProgressLocation.Notification,
    title: "Trust: writing a commit message",
    cancellable: true,
  };
  return vscode.window.withProgress(progress, async (_, token) => {
    const stopping = new AbortController();
    token.onCancellationRequested(() => stopping.abort());
    try {
      return await (await agent()).commitMessage(rootUri.fsPath, stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) warn(`No commit message was written: ${messageOf(error)}`);
      return undefined;
    }
  });
}

async function mayReplace(): Promise<boolean> {
  const replace = "Replace it";
  return (await vscode.window.showWarningMessage("The input box already has a message.", replace)) === replace;
}

const warn = (text: string): void => void vscode.window.showWarningMessage(`Trust: ${text}`);
