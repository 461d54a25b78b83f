import * as vscode from "vscode";

import type { Agent, AgentHandlers } from "./agent-client.ts";
import { startAgentProcess } from "./agent-process.ts";
import { type AgentState, AgentSupervisor, AgentUnavailable, type StartedAgent } from "./agent-supervisor.ts";
import { ChatView } from "./chat-view.ts";
import { locateCli } from "./cli-locator.ts";
import { Conversation, messageOf } from "./conversation.ts";
import { DiffReview } from "./diff-review.ts";
import { readEditorText } from "./editor-files.ts";
import type { FromView, ToView } from "./messages.ts";
import { ActiveFile, openInEditor } from "./open-files.ts";
import { StatusBar } from "./status-bar.ts";

/** An agent that has not answered the first request by then is ended. */
const initializeMilliseconds = 30_000;

/** Holds the parts of the extension together. Starts no program before something needs the agent. */
export class Controller implements vscode.Disposable {
  readonly conversation: Conversation;
  readonly view: ChatView;
  readonly #log: vscode.LogOutputChannel;
  readonly #version: string;
  readonly #supervisor: AgentSupervisor;
  readonly #review = new DiffReview();
  readonly #status = new StatusBar();
  readonly #activeFile: ActiveFile;
  #state: AgentState = { name: "idle", detail: "" };
  #complainedAbout = "";

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#log = log;
    this.#version = String((context.extension.packageJSON as { version: unknown }).version);
    this.#supervisor = new AgentSupervisor({
      start: (signal) => this.#start(signal),
      onState: (state) => this.#agentState(state),
    });
    this.view = new ChatView({
      extensionUri: context.extensionUri,
      log: (line) => log.warn(line),
      replay: () => this.conversation.replay(),
      shown: () => this.open(),
      receive: (message) => void this.#receive(message).catch((error: unknown) => log.error(messageOf(error))),
    });
    this.conversation = new Conversation({
      agent: () => this.#supervisor.agent(),
      folder: workFolder,
      review: this.#review,
      post: (message) => this.#post(message),
      changed: () => this.#showStatus(),
      log: (line) => log.warn(line),
    });
    this.#activeFile = new ActiveFile((name) => this.conversation.setState({ type: "active-file", name }));
    this.#agentState(this.#state);
    void this.#review.closeLeftovers();
  }

  agent = (): Promise<Agent> => this.#supervisor.agent();

  /** Starts the agent and a session if that has not happened; what goes wrong is shown by the state. */
  open(): void {
    this.conversation.open().catch((error: unknown) => this.#log.info(messageOf(error)));
  }

  async restart(): Promise<void> {
    this.#complainedAbout = "";
    await this.#supervisor.restart().catch((error: unknown) => this.#log.error(messageOf(error)));
    if (this.view.isVisible) this.open();
  }

  /** After the setting or the trust in the folder changed: what runs is not what should run. */
  reconsider(): void {
    this.#complainedAbout = "";
    this.#supervisor.stop();
    if (this.view.isVisible) this.open();
  }

  dispose(): void {
    this.#supervisor[Symbol.dispose]();
    for (const part of [this.#review, this.#status, this.#activeFile]) part.dispose();
  }

  async #start(signal: AbortSignal): Promise<StartedAgent> {
    const cwd = workFolder();
    const configured = vscode.workspace.getConfiguration("trust").get("cliPath", "");
    const located = await locateCli({ configured, environment: process.env, platform: process.platform, signal });
    if (!located.found) throw new AgentUnavailable("missing", located.reason);
    signal.throwIfAborted();
    const { cli } = located;
    this.#log.info(`Starting ${cli.path} acp (version ${cli.version}) in ${cwd}`);
    const child = startAgentProcess(cli, cwd, (line) => this.#log.info(`trust acp: ${line}`));
    const timer = setTimeout(() => child[Symbol.dispose](), initializeMilliseconds);
    // Loaded here, so that a window without a conversation does not pay for it.
    const { connectAgent } = await import("./agent-client.ts");
    try {
      const agent = await connectAgent(child, this.#handlers(), this.#version);
      return { agent, version: cli.version, ended: child.ended, [Symbol.dispose]: () => child[Symbol.dispose]() };
    } catch (error) {
      child[Symbol.dispose]();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #handlers(): AgentHandlers {
    return {
      readTextFile: ({ path }) => readEditorText(path),
      requestPermission: (request, signal) => {
        if (!this.view.isVisible) void this.#callBack(request.toolCall.title ?? "a tool call");
        return this.conversation.requestPermission(request, signal);
      },
      update: ({ sessionId, update }) => this.conversation.update(sessionId, update),
    };
  }

  async #callBack(title: string): Promise<void> {
    const open = "Open chat";
    if ((await vscode.window.showInformationMessage(`Trust asks: ${title}`, open)) === open) await this.view.reveal();
  }

  #post(message: ToView): void {
    this.view.post(message);
    if (message.type === "title") this.view.setTitle(message.title);
    if (message.type === "reset") this.view.setTitle("");
    if (message.type === "permission" || message.type === "permission-end") this.#showStatus();
  }

  #agentState(state: AgentState): void {
    this.#state = state;
    this.#log.info(`State: ${[state.name, state.detail].filter(Boolean).join(", ")}`);
    this.conversation.setState({ type: "status", state: state.name, detail: state.detail });
    if (state.name === "missing" || state.name === "failed") void this.#complain(state);
  }

  /** One notification a cause; the chat view and the log have it too. */
  async #complain({ name, detail }: AgentState): Promise<void> {
    if (detail === this.#complainedAbout) return;
    this.#complainedAbout = detail;
    const cure = name === "missing" ? "Set path" : "Restart";
    const chosen = await vscode.window.showErrorMessage(`Trust: ${detail}`, cure, "Show log");
    if (chosen === "Show log") this.#log.show();
    else if (chosen === cure) {
      await vscode.commands.executeCommand(name === "missing" ? "trust.setCliPath" : "trust.restart");
    }
  }

  #showStatus(): void {
    const options = this.conversation.state("options")?.options ?? [];
    const chosen = (id: string): string | undefined => {
      const option = options.find((one) => one.id === id);
      return option?.choices.find(({ value }) => value === option.value)?.name ?? option?.value;
    };
    const { isWorking, questions } = this.conversation;
    const facts = { model: chosen("model"), mode: chosen("mode"), isWorking, isWaiting: questions.isWaiting };
    this.#status.show({ state: this.#state, ...facts });
    this.view.setBadge(questions.isWaiting ? 1 : 0, "Trust waits for your answer");
  }

  async #receive(message: FromView): Promise<void> {
    const { conversation } = this;
    switch (message.type) {
      case "ready":
        return;
      case "prompt":
        return conversation.prompt(message.text, message.attach ? this.#activeFile.link() : undefined);
      case "cancel":
        return conversation.cancel();
      case "answer":
        return conversation.questions.answer(message.id, message.optionId, message.save);
      case "set-option":
        return conversation.setOption(message.id, message.value);
      case "open-file":
        return openInEditor(message);
      case "open-diff":
        return conversation.showChanges(message.toolId);
      case "copy":
        return vscode.env.clipboard.writeText(message.text);
      case "command":
        await vscode.commands.executeCommand(message.command);
    }
  }
}

/** The folder of the active file, else the first; throws when no agent may run here. */
function workFolder(): string {
  if (!vscode.workspace.isTrusted) {
    throw new AgentUnavailable("restricted", "This folder is in Restricted Mode. Trust starts no program here.");
  }
  const active = vscode.window.activeTextEditor?.document.uri;
  const chosen = active === undefined ? undefined : vscode.workspace.getWorkspaceFolder(active);
  const folder = chosen ?? vscode.workspace.workspaceFolders?.[0];
  if (folder?.uri.scheme !== "file") {
    throw new AgentUnavailable("no-folder", "Open a folder to chat about the code in it.");
  }
  return folder.uri.fsPath;
}
