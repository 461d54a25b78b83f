import { type AnswerForm, append, compact, createConversation, runTurn, systemPrompt } from "@trust-cli/core/engine";
import type { Undone, UndoOptions } from "@trust-cli/core/journal";
import type { MentionNote } from "@trust-cli/core/mentions";
import { resolveModelReference } from "@trust-cli/core/models";
import type { ModelInfo, ScaffoldProfile, Session, SessionStore } from "@trust-cli/core/ports";
import {
  type AgentEvent,
  isSaidByPerson,
  type Message,
  type Result,
  shellWord,
  TrustError,
} from "@trust-cli/core/protocol";
import { toolSignature } from "@trust-cli/core/tools";
import { instructionsText } from "@trust-cli/core/workspace";

import { version } from "../version.ts";
import type { App } from "./app.ts";
import { requireChatTemplate } from "./chat-template.ts";
import { largerModel, takeOver } from "./escalation.ts";
import { describeMentions, type MessagePlace, prepareMessage, type Spoken } from "./message.ts";
import { type ChosenModel, chooseModel } from "./model.ts";
import { turnDependencies } from "./turn-dependencies.ts";

/** A file of the project may fill about a seventh of what the model reads well. */
const projectCharactersPerToken = 0.6;

/** Which session to talk in: a new one (perhaps under an id that was promised), this folder's last one, or one by its id. */
export type SessionChoice = { kind: "new"; id?: string } | { kind: "latest" } | { kind: "id"; id: string };

/**
 * A conversation with a model that is stored as it happens. Every message is durable before the
 * engine goes on, so that a killed process loses nothing that was shown.
 */
export class ChatSession implements AsyncDisposable {
  #app: App;
  readonly #promisedId: string | undefined;
  #chosen: ChosenModel;
  #store: SessionStore | undefined;
  #session: Session | undefined;
  #conversation;

  private constructor(app: App, chosen: ChosenModel, promisedId: string | undefined) {
    this.#app = app;
    this.#promisedId = promisedId;
    this.#chosen = chosen;
    this.#conversation = createConversation(this.#systemText());
  }

  static async open(app: App, choice: SessionChoice): Promise<ChatSession> {
    const chosen = await chooseModel(app.config, app.workspace.root, app.paths, app.environment);
    const chat = new ChatSession(app, chosen, choice.kind === "new" ? choice.id : undefined);
    try {
      if (choice.kind !== "new") await chat.#resume(choice);
    } catch (error) {
      await chat[Symbol.asyncDispose]();
      throw error;
    }
    return chat;
  }

  /** The settings it runs under now. */
  get app(): App {
    return this.#app;
  }

  get model(): ChosenModel {
    return this.#chosen;
  }

  /** What was said so far, without the system text. */
  get messages(): readonly Message[] {
    return this.#conversation.log.slice(1);
  }

  /** Undefined until the first message: a chat in which nothing was said leaves nothing behind. */
  get sessionId(): string | undefined {
    return this.#session?.id;
  }

  /** Loads the model, so that the first question need not wait for it. */
  describe(signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<ModelInfo> {
    return this.#chosen.port.describe(signal, onLoad);
  }

  /** With `answer` the turn ends with a value of that form, or with an error. */
  async *runTurn(spoken: Spoken, signal: AbortSignal, answer?: AnswerForm): AsyncGenerator<AgentEvent, void, void> {
    const session = await this.#open();
    // The profile goes by it from here on.
    await this.#chosen.capability(signal);
    const { config, workspace } = this.#app;
    const { id: model } = this.#chosen;
    yield { type: "session-start", sessionId: session.id, model, mode: config.mode, cwd: workspace.root, version };
    this.#app.journal.begin({ title: spoken.text, session: session.id, message: session.messages.length });
    const own = await turnDependencies(this.#app, this.#chosen, this.#systemText());
    const dependencies = { ...own, ...(answer === undefined ? {} : { answer }) };
    const { said, notices } = await prepareMessage(spoken, { ...this.#place(), signal });
    for (const notice of notices) yield { type: "notice", text: notice };
    const end = yield* this.#recorded(runTurn(said, this.#conversation, dependencies, signal));
    const larger = end === undefined ? undefined : await largerModel(end, { app: this.#app, current: this.#chosen });
    if (larger !== undefined && "port" in larger) yield* this.#escalate(larger, answer, signal);
    else {
      if (larger !== undefined) yield { type: "notice", text: larger.why };
      if (end !== undefined) yield end;
    }
  }

  /** The turn again from where it got stuck, by another model, which is asked only this once. */
  async *#escalate(
    larger: ChosenModel,
    answer: AnswerForm | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<AgentEvent, void, void> {
    yield { type: "notice", text: `${this.#chosen.id} is stuck: ${larger.id} takes over for this turn.` };
    await using _port = larger.port;
    await larger.capability(signal);
    const systemText = systemTextFor(this.#app, larger.profile);
    const own = await turnDependencies(this.#app, larger, systemText);
    const dependencies = { ...own, ...(answer === undefined ? {} : { answer }) };
    const conversation = createConversation(systemText, this.messages);
    const said = { text: takeOver, origin: "escalation" } as const;
    const end = yield* this.#recorded(runTurn(said, conversation, dependencies, signal));
    this.#conversation = createConversation(this.#systemText(), conversation.log);
    if (end !== undefined) yield end;
  }

  /** Passes everything on but the turn's end, which it returns. Every message is durable before the engine goes on. */
  async *#recorded(
    events: AsyncIterable<AgentEvent>,
  ): AsyncGenerator<AgentEvent, Extract<AgentEvent, { type: "turn-end" }> | undefined, void> {
    for await (const event of events) {
      if (event.type === "turn-end") return event;
      if (event.type === "message") this.#session?.append(event.message);
      if (event.type === "approval-start") this.#app.approvals.expect(event.request);
      yield event;
    }
    return undefined;
  }

  /** What a message would take along, for a person who is still writing it. Nothing counts as read by the model. */
  describeMentions(text: string, signal: AbortSignal): Promise<readonly MentionNote[]> {
    return describeMentions(text, { ...this.#place(), signal });
  }

  /**
   * Changes the model once the new one is loaded or its server answers, and keeps the conversation. Rejects otherwise,
   * also on abort, and then the old one goes on. `onLoad` reports 0..1.
   */
  async useModel(reference: string, signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<ModelInfo> {
    await this.useApp({ ...this.#app, config: { ...this.#app.config, model: reference } }, signal, onLoad);
    return this.#chosen.port.describe(signal);
  }

  /**
   * Goes on under other settings: mode, rules, tools, limits, system text and perhaps model. What the person allowed
   * for the session is asked again. Rejects, and changes nothing, when a new model cannot answer.
   */
  async useApp(app: App, signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<void> {
    const previous = this.#chosen;
    if (asksAnotherModel(this.#app, app)) {
      const place = { cwd: app.workspace.root, environment: app.environment };
      requireChatTemplate(await resolveModelReference(app.config.model, place));
      const chosen = await chooseModel(app.config, app.workspace.root, app.paths, app.environment);
      await describeOrDispose(chosen, signal, onLoad);
      this.#chosen = chosen;
    }
    const systemTextBefore = this.#systemText();
    this.#app = app;
    const isSame = this.#chosen === previous && this.#systemText() === systemTextBefore;
    if (!isSame) this.#conversation = createConversation(this.#systemText(), this.messages);
    if (this.#chosen !== previous) await previous.port[Symbol.asyncDispose]();
  }

  /** Shortens what the model is sent as far as it goes. Costs no model call. */
  async compact(signal: AbortSignal): Promise<{ tokensBefore: number; tokensAfter: number }> {
    const tools = this.#app.toolsFor(this.#chosen.profile).map(toolSignature);
    return compact(this.#conversation, 0, (messages) => this.#chosen.port.countTokens({ messages, tools }, signal));
  }

  /** What the person said, with its place in the session. */
  get said(): readonly { place: number; text: string }[] {
    return (this.#session?.messages ?? []).flatMap((message, place) =>
      isSaidByPerson(message) ? [{ place, text: message.text }] : [],
    );
  }

  /** Takes back, or repeats, what turns did to files. */
  async undo(options: UndoOptions): Promise<Result<Undone>> {
    const { undoTurns } = await import("@trust-cli/core/journal");
    return await undoTurns(await this.#app.journal.open(), options);
  }

  /** Goes on as if the message at this place, and all that followed, had not been said. */
  async rewind(place: number): Promise<void> {
    if (this.#session === undefined) return;
    this.#session.rewind(place);
    await (await this.#app.journal.open()).detach(this.#session.id, place);
    this.#conversation = createConversation(this.#systemText());
    for (const message of withEveryQuestionAnswered(this.#session.messages)) append(this.#conversation, message);
  }

  /** Ends this session and begins a new, empty one. The old one stays stored. */
  clear(): void {
    this.#session?.[Symbol.dispose]();
    this.#session = undefined;
    this.#conversation = createConversation(this.#systemText());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session?.[Symbol.dispose]();
    this.#store?.[Symbol.dispose]();
    await this.#chosen.port[Symbol.asyncDispose]();
  }

  #place(): MessagePlace {
    return { app: this.#app, profile: this.#chosen.profile, messages: this.messages };
  }

  #systemText(): string {
    return systemTextFor(this.#app, this.#chosen.profile);
  }

  async #open(): Promise<Session> {
    const store = await this.#openStore();
    this.#session ??= store.create(this.#app.workspace.root, this.#chosen.id, this.#promisedId);
    return this.#session;
  }

  async #openStore(): Promise<SessionStore> {
    // SQLite's native module is loaded behind the first frame.
    const { createSessionStore } = await import("@trust-cli/core/storage");
    this.#store ??= createSessionStore(this.#app.databasePath, this.#app.locksPath);
    return this.#store;
  }

  async #resume(choice: Exclude<SessionChoice, { kind: "new" }>): Promise<void> {
    const store = await this.#openStore();
    const id = choice.kind === "id" ? choice.id : store.latest(this.#app.workspace.root)?.id;
    if (id === undefined) {
      throw new TrustError("SESSION_UNKNOWN", `there is no session in ${this.#app.workspace.root} to continue`, {
        hint: "trust starts a new one; trust session list shows all",
      });
    }
    if (choice.kind === "id") requireSameFolder(store, id, this.#app.workspace.root);
    this.#session = store.open(id);
    for (const message of withEveryQuestionAnswered(this.#session.messages)) append(this.#conversation, message);
  }
}

function systemTextFor({ workspace, config, projectInstructions }: App, profile: ScaffoldProfile): string {
  const { prompt, promptTokens } = profile;
  const project = instructionsText(projectInstructions, promptTokens * projectCharactersPerToken);
  return systemPrompt(prompt, workspace.root, { project, own: config.instructions });
}

const asksAnotherModel = ({ config: before }: App, { config: after }: App): boolean =>
  before.model !== after.model || before.context.size !== after.context.size;

async function describeOrDispose(
  { port }: ChosenModel,
  signal: AbortSignal,
  onLoad: ((fraction: number) => void) | undefined,
): Promise<ModelInfo> {
  try {
    return await port.describe(signal, onLoad);
  } catch (error) {
    await port[Symbol.asyncDispose]();
    throw error;
  }
}

/** Throws USAGE when the session that `prefix` names was held in another folder: its paths mean nothing here. */
function requireSameFolder(store: SessionStore, prefix: string, folder: string): void {
  const [found, another] = store.list(everySession).filter(({ id }) => id.startsWith(prefix.toLowerCase()));
  if (found === undefined || another !== undefined || found.cwd === folder) return;
  throw new TrustError("USAGE", `session ${prefix} belongs to ${found.cwd}`, {
    hint: `trust -r ${prefix} --cwd ${shellWord(found.cwd)}`,
  });
}

const everySession = Number.MAX_SAFE_INTEGER;

/** Templates of models refuse two questions in a row, which a turn that failed before its reply leaves behind. */
function withEveryQuestionAnswered(messages: readonly Message[]): Message[] {
  return messages.flatMap((message, index) => {
    const next = messages[index + 1];
    if (message.role !== "user" || (next !== undefined && next.role !== "user")) return [message];
    return [message, { role: "assistant", text: "(This turn ended without an answer.)", calls: [] }];
  });
}
