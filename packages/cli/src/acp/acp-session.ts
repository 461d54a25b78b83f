import { randomUUID } from "node:crypto";

import {
  type AgentContext,
  methods,
  type PromptRequest,
  type PromptResponse,
  type SessionConfigOption,
  type SessionModeState,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";
import { type AgentEvent, type ApprovalRequest, type StopReason, titleOf, TrustError } from "@trust-cli/core/protocol";

import { type App, createApp } from "../composition/app.ts";
import { ChatSession, type SessionChoice } from "../composition/chat-session.ts";
import type { Spoken } from "../composition/message.ts";
import type { AppFlags } from "../composition/settings.ts";
import { reasonText } from "../print/outcome.ts";
import { permissionDecision, permissionRequest } from "./permission.ts";
import { promptText, typedText } from "./prompt-text.ts";
import { replayUpdates } from "./replay.ts";
import { flagsAfter, type SessionChoices, sessionModes, sessionOptions } from "./session-options.ts";
import { newTurnView, turnUpdates, type TurnView } from "./turn-updates.ts";
import { respectUnsaved } from "./unsaved.ts";

/** The editor at the other end, and what it said it can do. */
export interface Editor {
  client: AgentContext;
  readsFiles: boolean;
  showsNotices: boolean;
}

export interface SessionStart {
  id: string;
  choice: SessionChoice;
  flags: AppFlags;
  editor: Editor;
  choices: (app: App) => Promise<SessionChoices>;
  allModels: (app: App, signal: AbortSignal) => Promise<SessionChoices["models"]>;
}

/** One conversation of an editor: a fold over the same events as every other front end. */
export class AcpSession implements AsyncDisposable {
  readonly id: string;
  readonly #start: SessionStart;
  #flags: AppFlags;
  readonly #chat: ChatSession;
  #turn: { controller: AbortController; done: Promise<unknown> } | undefined;
  #changes: Promise<unknown> = Promise.resolve();
  #models: SessionChoices["models"] | undefined;
  readonly #life = new AbortController();

  private constructor(start: SessionStart, chat: ChatSession) {
    this.id = start.id;
    this.#start = start;
    this.#flags = start.flags;
    this.#chat = chat;
  }

  static async open(start: SessionStart): Promise<AcpSession> {
    const app = await openApp(start.flags, start);
    return new AcpSession(start, await ChatSession.open(app, start.choice));
  }

  get cwd(): string {
    return this.#chat.app.workspace.root;
  }

  get status(): { model: { id: string; note: string }; mode: string; local: boolean } {
    const { id, note, local } = this.#chat.model;
    return { model: { id, note }, mode: this.#chat.app.config.mode, local };
  }

  get modes(): SessionModeState {
    return sessionModes(this.#chat.app.config.mode);
  }

  async options(): Promise<SessionConfigOption[]> {
    const { config } = this.#chat.app;
    const state = { model: config.model, mode: config.mode, profile: this.#flags.profile };
    const { models, profiles } = await this.#start.choices(this.#chat.app);
    return sessionOptions(state, { models: this.#models ?? models, profiles });
  }

  /**
   * Says what the settings had to say, then looks for every model on this machine and offers them. A failure costs only
   * the offer.
   */
  async announce(): Promise<void> {
    try {
      if (this.#start.editor.showsNotices) {
        for (const title of this.#chat.app.resolved.notices)
          await this.#send({ sessionUpdate: "notice", severity: "info", title });
      }
      this.#models = await this.#start.allModels(this.#chat.app, this.#life.signal);
      await this.#send({ sessionUpdate: "config_option_update", configOptions: await this.options() });
    } catch {
      this.#models = undefined;
    }
  }

  /** One change after the other, in the order in which they were asked for. */
  setOption(id: string, value: string): Promise<SessionConfigOption[]> {
    if (this.#turn !== undefined) throw busy();
    const change = this.#changes.then(async () => {
      const flags = flagsAfter(this.#flags, id, value);
      const app = await openApp(flags, this.#start);
      await this.#chat.useApp(app, this.#life.signal);
      this.#flags = flags;
      return this.options();
    });
    this.#changes = change.catch(() => undefined);
    return change;
  }

  /** What was said before, for an editor that opens the session again. */
  async replay(): Promise<void> {
    for (const update of replayUpdates(this.#chat.messages, this.cwd)) await this.#send(update);
  }

  /** One turn, after the changes that were asked for before it. A failure of the model is an error of the request, with what to do next. */
  async prompt({ prompt }: PromptRequest, requestSignal: AbortSignal): Promise<PromptResponse> {
    if (this.#turn !== undefined) throw busy();
    const text = promptText(prompt, this.#chat.app.workspace);
    if (text.trim() === "") throw new TrustError("USAGE", "the prompt is empty");
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, requestSignal, this.#life.signal]);
    const done = this.#changes.then(() => this.#runTurn({ text, typed: typedText(prompt) }, signal));
    this.#turn = { controller, done: done.catch(() => undefined) };
    try {
      return await done;
    } finally {
      this.#turn = undefined;
    }
  }

  cancel(): void {
    this.#turn?.controller.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort();
    await Promise.all([this.#turn?.done, this.#changes]);
    await this.#chat[Symbol.asyncDispose]();
  }

  async #runTurn(spoken: Spoken, signal: AbortSignal): Promise<PromptResponse> {
    const { showsNotices } = this.#start.editor;
    const view = newTurnView({ root: this.cwd, prefix: randomUUID().slice(0, 8), notices: showsNotices });
    let end: Extract<AgentEvent, { type: "turn-end" }> | undefined;
    if (this.#chat.messages.length === 0)
      await this.#send({ sessionUpdate: "session_info_update", title: titleOf(spoken.text) });
    for await (const event of this.#chat.runTurn(spoken, signal)) {
      for (const update of turnUpdates(event, view)) await this.#send(update);
      if (event.type === "approval-start") this.#ask(event.request, view, signal);
      if (event.type === "turn-end") end = event;
    }
    return this.#finish(end);
  }

  /** The engine waits for the decision, so the fold must not. An editor that cannot answer has said no. */
  #ask(request: ApprovalRequest, view: TurnView, signal: AbortSignal): void {
    const { approvals } = this.#chat.app;
    const { id } = request.call;
    this.#start.editor.client
      .request(methods.client.session.requestPermission, permissionRequest(this.id, request, view), {
        cancellationSignal: signal,
      })
      .then((response) => approvals.decide(id, permissionDecision(response)))
      .catch((error: unknown) =>
        approvals.decide(id, { decision: "no", reason: `the editor could not ask: ${String(error)}` }),
      );
  }

  async #finish(end: Extract<AgentEvent, { type: "turn-end" }> | undefined): Promise<PromptResponse> {
    if (end === undefined) throw new TrustError("INTERNAL", "the turn ended without a reason");
    if (end.reason === "error" && end.error !== undefined) {
      const { code, message, hint } = end.error;
      throw new TrustError(code, message, { hint });
    }
    const why = reasonText({ reason: end.reason, error: end.error });
    if (why !== undefined) {
      const text = `\n\n(${why.message}${why.hint === undefined ? "" : `. ${why.hint}`})`;
      await this.#send({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
    }
    return { stopReason: stopReasons[end.reason] };
  }

  #send(update: SessionUpdate): Promise<void> {
    return this.#start.editor.client.notify(methods.client.session.update, { sessionId: this.id, update });
  }
}

const stopReasons: Record<StopReason, PromptResponse["stopReason"]> = {
  done: "end_turn",
  repetition: "end_turn",
  error: "end_turn",
  "step-limit": "max_turn_requests",
  "time-limit": "max_turn_requests",
  "token-budget": "max_tokens",
  length: "max_tokens",
  abort: "cancelled",
};

const busy = (): TrustError =>
  new TrustError("USAGE", "a turn is running in this session", { hint: "cancel it, or wait until it ends" });

/** The settings for a session; its tools leave files alone that the editor holds unsaved. */
async function openApp(flags: AppFlags, { editor, id }: SessionStart): Promise<App> {
  const app = await createApp(flags, true);
  if (!editor.readsFiles) return app;
  const readInEditor = async (name: string, signal: AbortSignal): Promise<string | undefined> => {
    try {
      const path = `${app.workspace.root}/${name}`;
      const options = { cancellationSignal: signal, stopWaitingOnCancel: true };
      const file = await editor.client.request(methods.client.fs.readTextFile, { sessionId: id, path }, options);
      return file.content;
    } catch {
      return undefined;
    }
  };
  return { ...app, toolsFor: (profile) => app.toolsFor(profile).map((tool) => respectUnsaved(tool, readInEditor)) };
}
