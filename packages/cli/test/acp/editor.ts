import { Writable } from "node:stream";

import {
  client,
  type ClientContext,
  methods,
  ndJsonStream,
  type PromptResponse,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";

import { type Finished, type Home, type Running, startTrust } from "../support/program.ts";

/** An editor made of the protocol's own client, with a real agent as its child. */
export interface Editor extends AsyncDisposable {
  readonly agent: ClientContext;
  readonly running: Running;
  readonly updates: SessionUpdate[];
  readonly permissions: RequestPermissionRequest[];
  /** All text of the model so far. */
  said(): string;
  newSession(): Promise<string>;
  ask(sessionId: string, text: string): Promise<string>;
  /** Closes the pipes, as an editor that quits does. */
  quit(): Promise<Finished>;
}

export interface EditorOptions {
  home: Home;
  cwd: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
  answer?: (request: RequestPermissionRequest) => Promise<RequestPermissionResponse> | RequestPermissionResponse;
  /** What the editor shows of a file, where it has it open. */
  readFile?: (path: string) => string;
}

export const select = (optionId: string): RequestPermissionResponse => ({ outcome: { outcome: "selected", optionId } });

export async function openEditor(options: EditorOptions): Promise<Editor> {
  const { home, cwd, args = [], env = {} } = options;
  const running = startTrust(["acp", ...args], { home, cwd, env, keepsInputOpen: true });
  const updates: SessionUpdate[] = [];
  const permissions: RequestPermissionRequest[] = [];
  const app = client({ name: "test editor" })
    .onNotification(methods.client.session.update, ({ params }) => void updates.push(params.update))
    .onRequest(methods.client.session.requestPermission, ({ params }) => {
      permissions.push(params);
      return options.answer?.(params) ?? select("no");
    })
    .onRequest(methods.client.fs.readTextFile, ({ params }) => ({ content: options.readFile?.(params.path) ?? "" }));
  const stream = ndJsonStream(Writable.toWeb(running.child.stdin), bytesOf(running));
  const connection = app.connect(stream);
  const { agent } = connection;
  const readsFiles = options.readFile !== undefined;
  await agent.request(methods.agent.initialize, {
    protocolVersion: 1,
    clientCapabilities: { fs: { readTextFile: readsFiles }, session: { notices: {} } },
  });
  const quit = (): Promise<Finished> => {
    running.child.stdin.end();
    return running.finished;
  };
  return {
    agent,
    running,
    updates,
    permissions,
    said: () =>
      updates.map((update) => (update.sessionUpdate === "agent_message_chunk" ? textOf(update) : "")).join(""),
    newSession: async () => (await agent.request(methods.agent.session.new, { cwd, mcpServers: [] })).sessionId,
    ask: async (sessionId, text) => {
      const prompt = [{ type: "text" as const, text }];
      const answer = await agent.request<PromptResponse>(methods.agent.session.prompt, { sessionId, prompt });
      return answer.stopReason;
    },
    quit,
    [Symbol.asyncDispose]: async () => {
      running.child.kill("SIGKILL");
      await running.finished;
      connection.close();
    },
  };
}

const textOf = ({ content }: Extract<SessionUpdate, { sessionUpdate: "agent_message_chunk" }>): string =>
  content.type === "text" ? content.text : "";

/** What the program writes, beside what the test harness reads of it. */
const bytesOf = ({ child }: Running): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      const encoder = new TextEncoder();
      child.stdout.on("data", (text: string) => controller.enqueue(encoder.encode(text)));
      child.stdout.on("end", () => controller.close());
    },
  });
