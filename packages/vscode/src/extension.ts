import * as vscode from "vscode";

import { AgentUnavailable } from "./agent-supervisor.ts";
import { ChatView } from "./chat-view.ts";
import { writeCommitMessage } from "./commit-message.ts";
import { Controller } from "./controller.ts";
import { questionOf } from "./diff-review.ts";
import { chooseOption, chooseSession, reported, setCliPath, showMenu } from "./menu.ts";

export function activate(context: vscode.ExtensionContext): void {
  const began = performance.now();
  const log = vscode.window.createOutputChannel("Trust", { log: true });
  const controller = new Controller(context, log);
  context.subscriptions.push(
    log,
    controller,
    vscode.window.registerWebviewViewProvider(ChatView.id, controller.view),
    vscode.workspace.onDidGrantWorkspaceTrust(() => controller.reconsider()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("trust.cliPath")) controller.reconsider();
    }),
    ...registerCommands(controller, log),
  );
  log.info(`Activated in ${(performance.now() - began).toFixed(1)} ms`);
}

function registerCommands(controller: Controller, log: vscode.LogOutputChannel): vscode.Disposable[] {
  const { conversation, view } = controller;
  const commands: Record<string, (uri?: unknown) => Promise<unknown>> = {
    "trust.openChat": () => view.reveal(),
    "trust.newChat": async () => {
      await view.reveal();
      await conversation.newChat();
    },
    "trust.history": async () => {
      if (await chooseSession(conversation)) await view.reveal();
    },
    "trust.chooseModel": () => chooseOption(conversation, "model"),
    "trust.chooseMode": () => chooseOption(conversation, "mode"),
    "trust.menu": showMenu,
    "trust.showLog": async () => log.show(),
    "trust.restart": () => controller.restart(),
    "trust.setCliPath": setCliPath,
    "trust.commitMessage": (source) => writeCommitMessage(controller.agent, rootOf(source)),
    "trust.allowChange": (uri) => decide(controller, uri, "allow"),
    "trust.rejectChange": (uri) => decide(controller, uri, "reject"),
  };
  return Object.entries(commands).map(([id, run]) =>
    vscode.commands.registerCommand(id, (argument?: unknown) => reported(async () => run(argument).catch(unlessShown))),
  );
}

/** Why there is no agent is shown by its state already. */
function unlessShown(error: unknown): void {
  if (!(error instanceof AgentUnavailable) || error.state === "no-folder" || error.state === "restricted") throw error;
}

/** The button in Source Control passes the source, the palette nothing. */
function rootOf(source: unknown): vscode.Uri | undefined {
  return (source as vscode.SourceControl | undefined)?.rootUri;
}

/** Decides about the proposal in `uri`, or in the active editor. */
async function decide({ conversation, view }: Controller, uri: unknown, kind: "allow" | "reject"): Promise<void> {
  const document = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
  const id = questionOf(document);
  if (id === undefined || !conversation.questions.isOpen(id)) throw new Error("nothing is proposed in this editor.");
  await conversation.questions.answerAs(id, kind);
  // Unsaved text: the chat explains what saving means, and asks.
  if (conversation.questions.isOpen(id)) await view.reveal();
}
