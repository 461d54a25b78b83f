import { realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";

import type {
  ListSessionsRequest,
  ListSessionsResponse,
  LoadSessionRequest,
  LoadSessionResponse,
  NewSessionRequest,
  NewSessionResponse,
} from "@agentclientprotocol/sdk";
import { TrustError } from "@trust-cli/core/protocol";

import type { App } from "../composition/app.ts";
import type { AppFlags } from "../composition/settings.ts";
import type { AcpSession, Editor, SessionStart } from "./acp-session.ts";
import type { SessionChoices } from "./session-options.ts";

/** What the sessions of one connection share. `flags` come from the command line. */
export interface SessionsOptions {
  flags: AppFlags;
  choices: (app: App) => Promise<SessionChoices>;
  allModels: (app: App, signal: AbortSignal) => Promise<SessionChoices["models"]>;
  commitMessage(flags: AppFlags, signal: AbortSignal): Promise<{ message: string; problems?: string[] }>;
  version: string;
}

const listed = 50;
const announceMilliseconds = 100;

/** The sessions that an editor has open, by id. */
export class AcpSessions implements AsyncDisposable {
  readonly #options: SessionsOptions;
  readonly #open = new Map<string, AcpSession>();
  readonly #pending = new Map<string, Promise<AcpSession>>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  find(id: string): AcpSession | undefined {
    return this.#open.get(id);
  }

  get(id: string): AcpSession {
    const session = this.find(id);
    if (session !== undefined) return session;
    throw new TrustError("SESSION_UNKNOWN", `session ${id} is not open`, { hint: "session/load opens it" });
  }

  async create({ cwd }: NewSessionRequest, editor: Editor): Promise<NewSessionResponse> {
    // What a session needs is loaded only now: an editor waits for `initialize`.
    const { newSessionId } = await import("@trust-cli/core/storage");
    const id = newSessionId(Date.now());
    const session = await this.#start({ id, choice: { kind: "new", id }, editor, flags: this.#flags(cwd) });
    return { sessionId: id, modes: session.modes, configOptions: await session.options() };
  }

  async load(
    { sessionId: id, cwd }: Pick<LoadSessionRequest, "sessionId" | "cwd">,
    editor: Editor,
    { replay }: { replay: boolean },
  ): Promise<LoadSessionResponse> {
    const flags = this.#flags(cwd);
    const session =
      this.find(id) ?? (await this.#opening(id, () => this.#start({ id, choice: { kind: "id", id }, editor, flags })));
    if (resolve(cwd) !== session.cwd && (await realpath(cwd)) !== session.cwd) {
      throw new TrustError("USAGE", `session ${id} belongs to ${session.cwd}`, { hint: "open it in that folder" });
    }
    if (replay) await session.replay();
    return { modes: session.modes, configOptions: await session.options() };
  }

  /** Two requests for the same session open it once. */
  async #opening(id: string, open: () => Promise<AcpSession>): Promise<AcpSession> {
    const opening = this.#pending.get(id) ?? open();
    this.#pending.set(id, opening);
    try {
      return await opening;
    } finally {
      this.#pending.delete(id);
    }
  }

  async list({ cwd }: ListSessionsRequest): Promise<ListSessionsResponse> {
    const { createAppToLook } = await import("../composition/app.ts");
    const app = await createAppToLook(this.#flags(cwd ?? undefined));
    const { createSessionStore } = await import("@trust-cli/core/storage");
    using store = createSessionStore(app.databasePath, app.locksPath);
    const all = store.list(Number.MAX_SAFE_INTEGER).filter((one) => cwd == null || one.cwd === app.workspace.root);
    const sessions = all.slice(0, listed).map(({ id, cwd: folder, title, updatedAt }) => ({
      sessionId: id,
      cwd: folder,
      title,
      updatedAt,
    }));
    return { sessions };
  }

  async close(id: string): Promise<Record<string, never>> {
    const session = this.find(id);
    this.#open.delete(id);
    await session?.[Symbol.asyncDispose]();
    return {};
  }

  commitMessage(cwd: string, signal: AbortSignal): Promise<{ message: string; problems?: string[] }> {
    return this.#options.commitMessage(this.#flags(cwd), signal);
  }

  status(sessionId: string | undefined): Record<string, unknown> {
    const { version } = this.#options;
    return sessionId === undefined ? { version } : { version, ...this.get(sessionId).status };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }

  async #start(start: Omit<SessionStart, "choices" | "allModels">): Promise<AcpSession> {
    const { AcpSession } = await import("./acp-session.ts");
    const { choices, allModels } = this.#options;
    const session = await AcpSession.open({ ...start, choices, allModels });
    this.#open.set(start.id, session);
    // Not before the answer is written: until then the editor knows no such session.
    setTimeout(() => void session.announce(), announceMilliseconds).unref();
    return session;
  }

  #flags(cwd: string | undefined): AppFlags {
    if (cwd === undefined) return this.#options.flags;
    if (!isAbsolute(cwd)) throw new TrustError("USAGE", `cwd must be an absolute path, and ${cwd} is not`);
    return { ...this.#options.flags, cwd };
  }
}
