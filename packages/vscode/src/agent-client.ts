import {
  client,
  type ClientConnection,
  type ContentBlock,
  type InitializeResponse,
  type LoadSessionRequest,
  methods,
  ndJsonStream,
  type ReadTextFileRequest,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionConfigOption,
  type SessionInfo,
  type SessionNotification,
  type SetSessionConfigOptionRequest,
  type StopReason,
} from "@agentclientprotocol/sdk";
import * as z from "zod/mini";

import type { AgentProcess } from "./agent-process.ts";

/** What the agent may ask of the editor. */
export interface AgentHandlers {
  readTextFile(request: ReadTextFileRequest): Promise<string>;
  requestPermission(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionResponse>;
  update(notification: SessionNotification): void;
}

export interface OpenSession {
  id: string;
  options: SessionConfigOption[];
}

const CommitMessage = z.object({ message: z.string(), problems: z.optional(z.array(z.string())) });
export type CommitMessage = z.infer<typeof CommitMessage>;

const Status = z.object({
  version: z.optional(z.string()),
  model: z.optional(z.object({ id: z.string(), note: z.optional(z.string()) })),
  mode: z.optional(z.string()),
  local: z.optional(z.boolean()),
});
export type AgentStatus = z.infer<typeof Status>;

/** An initialized agent. When it ends, requests reject with the reason. */
export class Agent {
  readonly #link: Link;
  readonly #initialized: InitializeResponse;

  constructor(link: Link, initialized: InitializeResponse) {
    this.#link = link;
    this.#initialized = initialized;
  }

  get canLoad(): boolean {
    return this.#initialized.agentCapabilities?.loadSession ?? false;
  }

  async newSession(cwd: string): Promise<OpenSession> {
    const reply = await this.#ask(({ agent }) => agent.request(methods.agent.session.new, { cwd, mcpServers: [] }));
    return { id: reply.sessionId, options: reply.configOptions ?? [] };
  }

  /** The history arrives as updates before this resolves. */
  async loadSession(id: string, cwd: string): Promise<OpenSession> {
    const params: LoadSessionRequest = { sessionId: id, cwd, mcpServers: [] };
    const reply = await this.#ask(({ agent }) => agent.request(methods.agent.session.load, params));
    return { id, options: reply.configOptions ?? [] };
  }

  async listSessions(cwd: string): Promise<SessionInfo[]> {
    const reply = await this.#ask(({ agent }) => agent.request(methods.agent.session.list, { cwd }));
    return reply.sessions;
  }

  async setOption(sessionId: string, configId: string, value: string): Promise<SessionConfigOption[]> {
    const params: SetSessionConfigOptionRequest = { sessionId, configId, value };
    const reply = await this.#ask(({ agent }) => agent.request(methods.agent.session.setConfigOption, params));
    return reply.configOptions;
  }

  async prompt(sessionId: string, prompt: ContentBlock[]): Promise<StopReason> {
    const reply = await this.#ask(({ agent }) => agent.request(methods.agent.session.prompt, { sessionId, prompt }));
    return reply.stopReason;
  }

  async cancel(sessionId: string): Promise<void> {
    await this.#ask(({ agent }) => agent.notify(methods.agent.session.cancel, { sessionId }));
  }

  /** Frees what the agent holds for a session; one that cannot do that keeps it. */
  async closeSession(sessionId: string): Promise<void> {
    if (this.#initialized.agentCapabilities?.sessionCapabilities?.close == null) return;
    await this.#ask(({ agent }) => agent.request(methods.agent.session.close, { sessionId }));
  }

  /** A message for what is staged in the repository at `cwd`. */
  async commitMessage(cwd: string, signal: AbortSignal): Promise<CommitMessage> {
    const options = { cancellationSignal: signal, stopWaitingOnCancel: true };
    const reply = await this.#ask(({ agent }) => agent.request("_trust/commitMessage", { cwd }, options));
    return CommitMessage.parse(reply);
  }

  async status(sessionId: string): Promise<AgentStatus> {
    return Status.parse(await this.#ask(({ agent }) => agent.request("_trust/status", { sessionId })));
  }

  #ask<T>(send: (connection: ClientConnection) => Promise<T>): Promise<T> {
    return ask(this.#link, send);
  }
}

/** Connects to a started agent and initializes it. Rejects when the agent ends before it answered. */
export async function connectAgent(process: AgentProcess, handlers: AgentHandlers, version: string): Promise<Agent> {
  const connection = client({ name: "trust-vscode" })
    .onRequest(methods.client.fs.readTextFile, async ({ params }) => ({
      content: chosenLines(await handlers.readTextFile(params), params),
    }))
    .onRequest(methods.client.session.requestPermission, ({ params, signal }) =>
      handlers.requestPermission(params, signal),
    )
    .onNotification(methods.client.session.update, ({ params }) => handlers.update(params))
    .connect(ndJsonStream(process.input, process.output));
  // The process and the connection end together, whichever ends first.
  void process.ended.then(() => connection.close());
  void connection.closed.then(() => process[Symbol.dispose]());
  const link = { connection, ended: process.ended };
  const initialized = await ask(link, ({ agent }) =>
    agent.request(methods.agent.initialize, {
      protocolVersion: 1,
      clientInfo: { name: "trust-vscode", title: "Trust for VS Code", version },
      clientCapabilities: {
        fs: { readTextFile: true, writeTextFile: false },
        terminal: false,
        session: { notices: {} },
      },
    }),
  );
  return new Agent(link, initialized);
}

interface Link {
  connection: ClientConnection;
  ended: Promise<string>;
}

/** "The connection closed" says little: the reason is how the process ended. */
async function ask<T>({ connection, ended }: Link, send: (connection: ClientConnection) => Promise<T>): Promise<T> {
  try {
    return await send(connection);
  } catch (error) {
    if (!connection.signal.aborted) throw error;
    throw new Error(`trust acp ${await ended}`, { cause: error });
  }
}

/** `line` counts from 1. */
function chosenLines(text: string, { line, limit }: ReadTextFileRequest): string {
  if (line == null && limit == null) return text;
  const start = (line ?? 1) - 1;
  return text
    .split("\n")
    .slice(start, limit == null ? undefined : start + limit)
    .join("\n");
}
