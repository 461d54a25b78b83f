import type {
  RequestPermissionRequest,
  RequestPermissionResponse,
  SessionConfigOption,
  SessionInfo,
} from "@agentclientprotocol/sdk";

import type { Agent, OpenSession } from "./agent-client.ts";
import type { ChatEvent, ToView, ViewState } from "./messages.ts";
import { Questions, type ReviewPort } from "./questions.ts";
import { Transcript } from "./transcript.ts";
import { messagesOf, sessionOptions } from "./updates.ts";

interface ConversationOptions {
  agent(): Promise<Agent>;
  /** The folder that a new session works in. */
  folder(): string;
  review: ReviewPort;
  post(message: ToView): void;
  /** Told when the session, its options or the turn changed. */
  changed(): void;
}

interface CurrentSession {
  id: string;
  cwd: string;
  agent: Agent;
}

/** The chat: one session of the agent at a time and everything that is on the screen about it. */
export class Conversation {
  readonly questions: Questions;
  readonly #options: ConversationOptions;
  readonly #transcript: Transcript;
  #session: CurrentSession | undefined;
  #opening: Promise<CurrentSession> | undefined;
  /** Updates of a session that is loaded again are on the screen already. */
  #muted = false;
  readonly #left = new Set<string>();
  #turn: symbol | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#transcript = new Transcript((message) => options.post(message));
    this.questions = new Questions(options.review, (event) => this.#add(event));
  }

  get isWorking(): boolean {
    return this.#turn !== undefined;
  }

  /** Everything that a view needs which is shown for the first time or again. */
  replay(): ToView[] {
    return this.#transcript.replay();
  }

  setState(state: ViewState): void {
    this.#transcript.setState(state);
    this.#options.changed();
  }

  state<Type extends ViewState["type"]>(type: Type): Extract<ViewState, { type: Type }> | undefined {
    return this.#transcript.state(type);
  }

  /** The session, opened now if there is none or if its agent is gone. */
  async open(): Promise<CurrentSession> {
    const agent = await this.#options.agent();
    if (this.#session?.agent === agent) return this.#session;
    this.#opening ??= this.#openWith(agent).finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** One turn. Never rejects: what goes wrong is shown in the chat. */
  async prompt(text: string, file: { uri: string; name: string } | undefined): Promise<void> {
    if (this.isWorking) return;
    const turn = Symbol("turn");
    this.#setTurn(turn);
    this.#add({ type: "user", text, file: file?.name });
    this.#add({ type: "turn-start" });
    const end = await this.#run(text, file);
    // Another chat may have been opened meanwhile.
    if (this.#turn !== turn) return;
    this.questions.cancelAll();
    this.#add(end);
    this.#setTurn(undefined);
  }

  async cancel(): Promise<void> {
    this.questions.cancelAll();
    if (this.#session !== undefined) await this.#session.agent.cancel(this.#session.id);
  }

  /** Shows the changes of a tool call in the diff editor. */
  async showChanges(toolId: string): Promise<void> {
    for (const { path, oldText, newText } of this.#transcript.changesOf(toolId)) {
      await this.#options.review.open({ path, oldText, newText });
    }
  }

  async newChat(): Promise<void> {
    await this.#leave();
    await this.open();
  }

  async listSessions(): Promise<SessionInfo[]> {
    const agent = await this.#options.agent();
    return agent.listSessions(this.#options.folder());
  }

  /** Shows an earlier session and goes on with it. */
  async loadSession({ sessionId, cwd, title }: SessionInfo): Promise<void> {
    await this.#leave();
    this.#left.delete(sessionId);
    const agent = await this.#options.agent();
    this.#transcript.setState({ type: "title", title: title ?? "" });
    this.#use(await agent.loadSession(sessionId, cwd), agent, cwd);
  }

  async setOption(id: string, value: string): Promise<void> {
    const session = await this.open();
    const options = await session.agent.setOption(session.id, id, value);
    this.#showOptions(session, options);
  }

  update(sessionId: string, update: Parameters<typeof messagesOf>[0]): void {
    if (this.#muted || this.#left.has(sessionId)) return;
    // What the person wrote was shown when it was sent; only an earlier session brings it along.
    if (this.isWorking && update.sessionUpdate === "user_message_chunk") return;
    for (const message of messagesOf(update)) this.#show(message);
  }

  async requestPermission(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionResponse> {
    if (request.sessionId !== this.#session?.id) return { outcome: { outcome: "cancelled" } };
    return this.questions.ask(request, signal);
  }

  async #run(text: string, file: { uri: string; name: string } | undefined): Promise<ChatEvent> {
    try {
      const session = await this.open();
      const link = file === undefined ? [] : [{ type: "resource_link" as const, ...file }];
      const reason = await session.agent.prompt(session.id, [{ type: "text", text }, ...link]);
      return { type: "turn-end", reason };
    } catch (error) {
      return { type: "turn-end", reason: "error", error: messageOf(error) };
    }
  }

  async #openWith(agent: Agent): Promise<CurrentSession> {
    const earlier = this.#session;
    if (earlier !== undefined) {
      const loaded = await this.#loadAgain(earlier, agent);
      if (loaded !== undefined) return this.#use(loaded, agent, earlier.cwd);
      this.#add({ type: "notice", text: "The agent could not load this conversation again; it goes on without it." });
    }
    const cwd = this.#options.folder();
    return this.#use(await agent.newSession(cwd), agent, cwd);
  }

  async #loadAgain({ id, cwd }: CurrentSession, agent: Agent): Promise<OpenSession | undefined> {
    if (!agent.canLoad) return undefined;
    this.#muted = true;
    try {
      return await agent.loadSession(id, cwd);
    } catch {
      return undefined;
    } finally {
      this.#muted = false;
    }
  }

  #use({ id, options }: OpenSession, agent: Agent, cwd: string): CurrentSession {
    this.#left.delete(id);
    this.#session = { id, cwd, agent };
    this.#showOptions(this.#session, options);
    return this.#session;
  }

  #showOptions({ agent, id }: CurrentSession, options: SessionConfigOption[]): void {
    this.setState({ type: "options", options: sessionOptions(options) });
    void this.#showAbout(agent, id);
  }

  /** An agent that is not ours has nothing to tell here. */
  async #showAbout(agent: Agent, id: string): Promise<void> {
    const status = await agent.status(id).catch(() => undefined);
    if (status?.model === undefined) return;
    const { id: model, note = "" } = status.model;
    this.setState({ type: "about", model, note, isLocal: status.local });
  }

  async #leave(): Promise<void> {
    if (this.isWorking) await this.cancel();
    if (this.#session !== undefined) this.#left.add(this.#session.id);
    this.#session = undefined;
    this.#setTurn(undefined);
    this.#transcript.reset();
  }

  #setTurn(turn: symbol | undefined): void {
    this.#turn = turn;
    this.#options.changed();
  }

  #show(message: ToView): void {
    if (isState(message)) this.setState(message);
    else if (message.type !== "reset" && message.type !== "focus") this.#add(message);
  }

  #add(event: ChatEvent): void {
    this.#transcript.add(event);
  }
}

const stateTypes: readonly string[] = ["status", "options", "commands", "usage", "about", "title", "active-file"];
const isState = (message: ToView): message is ViewState => stateTypes.includes(message.type);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
