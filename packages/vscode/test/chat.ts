import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { vi } from "vitest";

import { connectAgent } from "../src/agent-client.ts";
import { startAgentProcess } from "../src/agent-process.ts";
import { AgentSupervisor, type StartedAgent } from "../src/agent-supervisor.ts";
import { Conversation } from "../src/conversation.ts";
import type { ToView } from "../src/messages.ts";
import type { ProposedChange, ReviewPort } from "../src/questions.ts";
import { type ChatState, emptyState, openQuestion, reduce } from "../webview/state.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

/** An editor in memory: `unsaved` holds the text of open documents with changes. */
class Editor implements ReviewPort {
  readonly unsaved = new Map<string, string>();
  readonly shown: string[] = [];
  /** The question of every proposal that was opened. */
  readonly questions: string[] = [];
  /** Changes that were shown without a question. */
  readonly lookedAt: { toolId: string; newText: string }[] = [];
  isBroken = false;
  readonly #folder: TemporaryFolder;
  /** What saving makes of a text, as formatters do. */
  format = (text: string): string => text;

  constructor(folder: TemporaryFolder) {
    this.#folder = folder;
  }

  async open({ path }: ProposedChange, questionId: string): Promise<void> {
    if (this.isBroken) throw new Error("no editor");
    this.shown.push(path);
    this.questions.push(questionId);
  }

  async close({ path }: ProposedChange): Promise<void> {
    if (this.isBroken) throw new Error("no editor");
    this.shown.splice(this.shown.indexOf(path), 1);
  }

  async show({ newText }: ProposedChange, toolId: string): Promise<void> {
    this.lookedAt.push({ toolId, newText });
  }

  unsavedText(path: string): string | undefined {
    return this.unsaved.get(path);
  }

  async save(path: string): Promise<boolean> {
    const text = this.unsaved.get(path);
    this.unsaved.delete(path);
    if (text !== undefined) this.#folder.write(path.slice(this.#folder.path.length + 1), this.format(text));
    return true;
  }

  async savedText(path: string): Promise<string | undefined> {
    return readFileSync(path, "utf8");
  }
}

export class Chat implements Disposable {
  readonly folder = new TemporaryFolder();
  readonly editor = new Editor(this.folder);
  readonly file = this.folder.write("cart.ts", "const a = 1;\n");
  readonly supervisor: AgentSupervisor;
  readonly conversation: Conversation;
  readonly log: string[] = [];
  state: ChatState = emptyState;

  constructor() {
    this.supervisor = new AgentSupervisor({ start: () => this.#start(), onState: () => {}, backoffMilliseconds: [1] });
    this.conversation = new Conversation({
      agent: () => this.supervisor.agent(),
      folder: () => this.folder.path,
      review: this.editor,
      post: (message: ToView) => (this.state = reduce(this.state, message)),
      changed: () => {},
      log: (line) => this.log.push(line),
    });
  }

  /** The texts on the screen, in order. */
  texts(): string[] {
    return this.state.items.map((item) => (item.kind === "tool" ? `${item.title}: ${item.status}` : item.text));
  }

  content(): string {
    return readFileSync(this.file, "utf8");
  }

  /** Starts a turn that asks, and waits for the question. */
  async question(text: string): Promise<{ turn: Promise<void>; id: string; answers: string[] }> {
    const turn = this.conversation.prompt(text, undefined);
    const question = await vi.waitUntil(() => openQuestion(this.state)?.question, { timeout: 5000 });
    return { turn, id: question.id, answers: question.answers.map(({ name }) => name) };
  }

  /** What the agent was asked about sessions, in order. */
  requests(): string[] {
    const file = join(this.folder.path, "requests");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  /** Until the returned object is disposed of, the agent opens no session. */
  slowOpening(): Disposable {
    const mark = this.folder.write(".slow-opening", "");
    return { [Symbol.dispose]: () => rmSync(mark, { force: true }) };
  }

  killAgent(): void {
    const pids = readFileSync(join(this.folder.path, "started"), "utf8").trim().split("\n");
    process.kill(Number(pids.at(-1)), "SIGKILL");
  }

  async #start(): Promise<StartedAgent> {
    const cli = { path: this.folder.scriptedCli(), version: "0.0.0" };
    const child = startAgentProcess(cli, this.folder.path, () => {});
    const handlers = {
      readTextFile: async () => "",
      requestPermission: this.conversation.requestPermission.bind(this.conversation),
      update: ({ sessionId, update }: Parameters<Parameters<typeof connectAgent>[1]["update"]>[0]) =>
        this.conversation.update(sessionId, update),
    };
    const agent = await connectAgent(child, handlers, "0.1.0");
    return { agent, version: "0.0.0", ended: child.ended, [Symbol.dispose]: () => child[Symbol.dispose]() };
  }

  [Symbol.dispose](): void {
    this.supervisor[Symbol.dispose]();
    this.folder[Symbol.dispose]();
  }
}
