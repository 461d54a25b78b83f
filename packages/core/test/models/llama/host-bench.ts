import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { hostEnvironment } from "../../../src/models/llama/host-entry.ts";
import { type HostClient, HostServer, type HostServerOptions } from "../../../src/models/llama/host/server.ts";
import { type HostGenerate, type HostModel, HostReply, type HostRequest } from "../../../src/protocol/host.ts";
import { parseJson } from "../../../src/protocol/json.ts";
import { hostEntry } from "./llama-bench.ts";

type Numbered = Extract<HostRequest, { request: number }>;
type Body = Numbered extends infer R ? (R extends Numbered ? Omit<R, "request"> : never) : never;
export type Ending = Extract<HostReply, { type: "end" }>;

/** A program's end of a host that runs in this process. */
export interface BenchClient {
  /** All replies to one request; `watch` sees each as it comes. A request that fails gives `failed` as its last. */
  ask(body: Body, watch?: (reply: HostReply) => void): Promise<HostReply[]>;
  load(path: string, more?: Partial<Extract<HostRequest, { type: "load" }>>): Promise<HostModel>;
  generate(
    model: HostModel,
    text: string,
    more?: Partial<HostGenerate>,
    watch?: (reply: HostReply) => void,
  ): Promise<Said>;
  /** Cancels every request that is open. */
  cancel(): void;
  close(): void;
}

/** A reply of a model: its text, and how it ended. */
export interface Said {
  text: string;
  chunks: string[];
  prefills: Extract<HostReply, { type: "prefill" }>[];
  end: Ending;
}

export interface HostBench extends AsyncDisposable {
  server: HostServer;
  client(): BenchClient;
}

const lastReplies = new Set(["loaded", "counted", "end", "embedded", "ranked", "status", "unloaded", "failed"]);

/** The model host without its process and transport. */
export function hostBench(options: HostServerOptions = {}): HostBench {
  const server = new HostServer({ note: () => undefined, ...options });
  return { server, client: () => connect((send) => server.connect(send)), [Symbol.asyncDispose]: () => server.close() };
}

/** The model host as it runs: a process of its own, in which native work is queued on one thread. */
export function processBench(): Omit<HostBench, "server"> {
  const child = spawn(hostEntry.command, hostEntry.args, { stdio: ["pipe", "pipe", "ignore"], env: hostEnvironment() });
  const gone = once(child, "exit");
  const serve = (send: (reply: HostReply) => void): HostClient => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("{")) send(parseJson(line, HostReply, "host reply"));
    });
    return {
      handle: (request) => void child.stdin.write(`${JSON.stringify(request)}\n`),
      close: () => child.stdin.end(),
    };
  };
  return {
    client: () => connect(serve),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await gone;
    },
  };
}

function connect(serve: (send: (reply: HostReply) => void) => HostClient): BenchClient {
  const open = new Map<number, (reply: HostReply) => void>();
  let next = 1;
  const end = serve((reply) => {
    if ("request" in reply) open.get(reply.request)?.(reply);
  });
  const ask: BenchClient["ask"] = (body, watch) =>
    new Promise((resolve) => {
      const request = next++;
      const replies: HostReply[] = [];
      open.set(request, (reply) => {
        replies.push(reply);
        watch?.(reply);
        if (!lastReplies.has(reply.type)) return;
        open.delete(request);
        resolve(replies);
      });
      end.handle({ ...body, request } as Numbered);
    });
  return {
    ask,
    async load(path, more = {}) {
      const last = (await ask({ type: "load", path, threads: 1, ...more })).at(-1);
      if (last?.type === "loaded") return last.model;
      throw new Error(`not loaded: ${JSON.stringify(last)}`);
    },
    async generate(model, text, more = {}, watch) {
      return said(await ask(asking(model, text, more), watch));
    },
    cancel() {
      for (const request of open.keys()) end.handle({ type: "cancel", request });
    },
    close: () => end.close(),
  };
}

/** The request for a greedy reply to a text, as far as `more` does not say otherwise. */
export function asking(
  model: HostModel,
  text: string,
  more: Partial<HostGenerate> = {},
): Omit<HostGenerate, "request"> {
  return {
    type: "generate",
    model: model.id,
    priority: 5,
    prompt: [{ kind: "control", text }],
    forced: "",
    sampler: { temperature: 0 },
    stops: [],
    maxTokens: 64,
    ...more,
  };
}

export function said(replies: readonly HostReply[]): Said {
  const end = replies.at(-1);
  if (end?.type !== "end") throw new Error(`no reply: ${JSON.stringify(end)}`);
  const chunks = replies.flatMap((reply) => (reply.type === "text" ? [reply.text] : []));
  const prefills = replies.flatMap((reply) => (reply.type === "prefill" ? [reply] : []));
  return { text: chunks.join(""), chunks, prefills, end };
}
