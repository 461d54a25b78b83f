import { isAbsolute } from "node:path";

import * as vscode from "vscode";

import { messageOf, type Conversation } from "./conversation.ts";

/** What a click on the status bar offers. */
export async function showMenu(): Promise<void> {
  const entries = [
    { label: "$(comment-discussion) Open chat", command: "trust.openChat" },
    { label: "$(chip) Choose model", command: "trust.chooseModel" },
    { label: "$(settings) Choose mode", command: "trust.chooseMode" },
    { label: "$(history) Earlier chats", command: "trust.history" },
    { label: "$(output) Show log", command: "trust.showLog" },
    { label: "$(debug-restart) Restart", command: "trust.restart" },
  ];
  const chosen = await vscode.window.showQuickPick(entries, { title: "Trust" });
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command);
}

/** Picks a value of one of the session's options, such as `model`. */
export async function chooseOption(conversation: Conversation, id: string): Promise<void> {
  await conversation.open();
  const option = conversation.state("options")?.options.find((one) => one.id === id);
  if (option === undefined) return void vscode.window.showInformationMessage(`Trust: there is no ${id} to choose.`);
  const entries = option.choices.map(({ value, name, description }) => ({
    label: name,
    description: value === option.value ? "current" : "",
    detail: description ?? "",
    value,
  }));
  const chosen = await vscode.window.showQuickPick(entries, { title: option.name, matchOnDetail: true });
  if (chosen !== undefined) await conversation.setOption(id, chosen.value);
}

/** Picks an earlier chat of this folder. False when none was picked. */
export async function chooseSession(conversation: Conversation): Promise<boolean> {
  const sessions = await conversation.listSessions();
  if (sessions.length === 0) {
    void vscode.window.showInformationMessage("Trust: there are no earlier chats in this folder.");
    return false;
  }
  const entries = sessions.map((session) => ({
    label: session.title || "Untitled chat",
    description: session.updatedAt == null ? "" : new Date(session.updatedAt).toLocaleString(),
    session,
  }));
  const chosen = await vscode.window.showQuickPick(entries, { title: "Earlier chats", matchOnDescription: true });
  if (chosen === undefined) return false;
  await conversation.loadSession(chosen.session);
  return true;
}

export async function setCliPath(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("trust");
  const path = await vscode.window.showInputBox({
    title: "Path of the trust command",
    value: settings.get("cliPath", ""),
    prompt: "For example the output of: which trust. Empty searches for it.",
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === "" || isAbsolute(text) || text.startsWith("~/") ? undefined : "This must be an absolute path",
  });
  if (path !== undefined) await settings.update("cliPath", path.trim(), vscode.ConfigurationTarget.Global);
}

/** What goes wrong in a command is told once, where it happened. */
export async function reported(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => vscode.window.showErrorMessage(`Trust: ${messageOf(error)}`));
}
