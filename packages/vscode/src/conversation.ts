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
  log(line: string): void;
}

interface FileLink {
  uri: string;
  name: string;
}

interface CurrentSession {
  id: string;
  cwd: string;
  agent: Agent;
}

interface Opened {
  session: CurrentSession;
  options: SessionConfigOption[];
}

/** The chat: one session of the agent at a time and everything that is on the screen about it. */
export class Conversation {
  readonly questions: Questions;
  readonly #options: ConversationOptions;
  readonly #transcript: Transcript;
  #session: CurrentSession | undefined;
  #opening: Promise<CurrentSession> | undefined;
  /** Rises when the conversation is left: what began before it must not go on after it. */
  #generation = 0;
  /** The end of every opening and closing so far: no session is closed and loaded at once. */
  #settled: Promise<unknown> = Promise.resolve();
  /** The earlier session that the person chose last. */
  #chosen: string | undefined;
  /** Updates of a session that is loaded again are on the screen already. */
  #muted: string | undefined;
  readonly #left = new Set<string>();
  /** Aborted when the turn is stopped or the conversation left. */
  #turn: AbortController | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#transcript = new Transcript((message) => options.post(message));
    this.questions = new Questions({
      review: options.review,
      show: (event) => this.#add(event),
      log: (line) => options.log(line),
    });
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
    const generation = this.#generation;
    this.#opening ??= this.#begin(() => this.#openWith(agent));
    return this.#opening.catch((error: unknown) => {
      if (generation === this.#generation) throw error;
      return this.open();
    });
  }

  /** One turn. Never rejects: what goes wrong is shown in the chat. */
  async prompt(text: string, file: FileLink | undefined): Promise<void> {
    if (this.isWorking) return;
    const turn = new AbortController();
    this.#setTurn(turn);
    this.#add({ type: "user", text, file: file?.name });
    this.#add({ type: "turn-start" });
    const end = await this.#run(text, file, turn.signal);
    // Another chat may have been opened meanwhile.
    if (this.#turn !== turn) return;
    this.questions.cancelAll();
    this.#add(end);
    this.#setTurn(undefined);
  }

  async cancel(): Promise<void> {
    this.#turn?.abort();
    this.questions.cancelAll();
    if (this.#session !== undefined) await this.#session.agent.cancel(this.#session.id);
  }

  /** Shows the changes of a tool call in the diff editor. */
  async showChanges(toolId: string): Promise<void> {
    const open = this.questions.aboutTool(toolId);
    if (open !== undefined) return this.questions.show(open.id);
    for (const { path, oldText, newText } of this.#transcript.changesOf(toolId)) {
      await this.#options.review.show({ path, oldText, newText }, toolId);
    }
  }

  async newChat(): Promise<void> {
    this.#leave();
    await this.open();
  }

  async listSessions(): Promise<SessionInfo[]> {
    const agent = await this.#options.agent();
    return agent.listSessions(this.#options.folder());
  }

  /** Shows an earlier session and goes on with it. */
  async loadSession({ sessionId, cwd, title }: SessionInfo): Promise<void> {
    this.#leave(sessionId);
    this.#transcript.setState({ type: "title", title: title ?? "" });
    const generation = this.#generation;
    this.#opening = this.#begin(async () => {
      const agent = await this.#options.agent();
      this.#left.delete(sessionId);
      return openedBy(agent, cwd, await agent.loadSession(sessionId, cwd));
    });
    await this.#opening.catch((error: unknown) => {
      if (generation === this.#generation) throw error;
    });
  }

  async setOption(id: string, value: string): Promise<void> {
    const session = await this.open();
    const options = await session.agent.setOption(session.id, id, value);
    if (this.#session === session) this.#showOptions(session, options);
  }

  update(sessionId: string, update: Parameters<typeof messagesOf>[0]): void {
    if (this.#muted === sessionId || this.#left.has(sessionId)) return;
    // What the person wrote was shown when it was sent; only an earlier session brings it along.
    if (this.isWorking && update.sessionUpdate === "user_message_chunk") return;
    for (const message of messagesOf(update)) this.#show(message);
  }

  async requestPermission(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionResponse> {
    if (request.sessionId !== this.#session?.id) return { outcome: { outcome: "cancelled" } };
    return this.questions.ask(request, signal);
  }

  async #run(text: string, file: FileLink | undefined, signal: AbortSignal): Promise<ChatEvent> {
    try {
      const session = await this.open();
      if (signal.aborted) return { type: "turn-end", reason: "cancelled" };
      const link = file === undefined ? [] : [{ type: "resource_link" as const, ...file }];
      const reason = await session.agent.prompt(session.id, [{ type: "text", text }, ...link]);
      return { type: "turn-end", reason };
    } catch (error) {
      return { type: "turn-end", reason: "error", error: messageOf(error) };
    }
  }

  /** Opens after what is under way, unless the conversation is left before; what is opened too late is closed. */
  #begin(open: () => Promise<Opened>): Promise<CurrentSession> {
    const generation = this.#generation;
    const opening = this.#afterOthers(async () => {
      this.#assertCurrent(generation);
      const opened = await open();
      if (generation !== this.#generation) await this.#close(opened.session);
      this.#assertCurrent(generation);
      return this.#use(opened);
    }).finally(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    return opening;
  }

  #afterOthers<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#settled.then(work);
    this.#settled = done.catch(() => {});
    return done;
  }

  #assertCurrent(generation: number): void {
    if (generation !== this.#generation) throw new Error("another chat was opened meanwhile.");
  }

  async #openWith(agent: Agent): Promise<Opened> {
    const generation = this.#generation;
    const earlier = this.#session;
    if (earlier !== undefined) {
      const loaded = await this.#loadAgain(earlier, agent);
      if (loaded !== undefined) return openedBy(agent, earlier.cwd, loaded);
      this.#assertCurrent(generation);
      this.#add({ type: "notice", text: "The agent could not load this conversation again; it goes on without it." });
    }
    const cwd = this.#options.folder();
    return openedBy(agent, cwd, await agent.newSession(cwd));
  }

  async #loadAgain({ id, cwd }: CurrentSession, agent: Agent): Promise<OpenSession | undefined> {
    if (!agent.canLoad) return undefined;
    this.#muted = id;
    try {
      return await agent.loadSession(id, cwd);
    } catch {
      return undefined;
    } finally {
      this.#muted = undefined;
    }
  }

  #use({ session, options }: Opened): CurrentSession {
    this.#session = session;
    this.#showOptions(session, options);
    return session;
  }

  #showOptions({ agent, id }: CurrentSession, options: SessionConfigOption[]): void {
    this.setState({ type: "options", options: sessionOptions(options) });
    void this.#showAbout(agent, id);
  }

  /** An agent that is not ours has nothing to tell here. */
  async #showAbout(agent: Agent, id: string): Promise<void> {
    const status = await agent.status(id).catch(() => undefined);
    if (status?.model === undefined || this.#session?.id !== id) return;
    const { id: model, note = "" } = status.model;
    this.setState({ type: "about", model, note, isLocal: status.local });
  }

  /** For a new chat, or for the earlier session `chosen`. */
  #leave(chosen?: string): void {
    const session = this.#session;
    if (this.isWorking) this.cancel().catch((error: unknown) => this.#options.log(messageOf(error)));
    for (const id of [session?.id, this.#chosen]) if (id !== undefined) this.#left.add(id);
    this.#generation += 1;
    this.#chosen = chosen;
    this.#session = undefined;
    this.#opening = undefined;
    this.#setTurn(undefined);
    this.#transcript.reset();
    if (session !== undefined) void this.#afterOthers(() => this.#close(session));
  }

  /** Frees what the agent holds for a session, unless that is loaded again. An agent that is gone holds nothing. */
  async #close({ id, agent }: CurrentSession): Promise<void> {
    if (id === this.#chosen) return;
    this.#left.add(id);
    await agent.closeSession(id).catch((error: unknown) => this.#options.log(messageOf(error)));
  }

  #setTurn(turn: AbortController | undefined): void {
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

const openedBy = (agent: Agent, cwd: string, { id, options }: OpenSession): Opened => ({
  session: { id, cwd, agent },
  options,
});

const stateTypes: readonly string[] = ["status", "options", "usage", "plan", "about", "title", "active-file"];
const isState = (message: ToView): message is ViewState => stateTypes.includes(message.type);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
