import { executeCall } from "@trust-cli/core/engine";
import { matchingFiles, type MentionSources } from "@trust-cli/core/mentions";
import { systemClock, type Tool } from "@trust-cli/core/ports";
import { type Message, TrustError } from "@trust-cli/core/protocol";

import type { App } from "./app.ts";

/** What a message may point into. `tools` are those of the model: it sees a file as if it had read it. */
export interface MentionPlace {
  app: App;
  tools: readonly Tool[];
  messages: readonly Message[];
  signal: AbortSignal;
}

type Found = { text: string } | { why: string };

export function mentionSources(place: MentionPlace): MentionSources {
  const { app, messages, signal } = place;
  const { workspace } = app;
  return {
    kindOf: async (path) => {
      const target = await workspace.resolve(path, "read");
      return target.ok ? target.value.kind : "missing";
    },
    read: (path, lines) => {
      const range = lines === undefined ? {} : { from_line: lines.from, to_line: lines.to };
      return readByTool({ path, ...range }, place);
    },
    files: (pattern) => matchingFiles(workspace.root, pattern, signal),
    places: async (symbol) => {
      const { index } = await app.code.fresh(signal);
      return index.symbols(symbol).map(({ path, line, endLine }) => ({ path, lines: { from: line, to: endLine } }));
    },
    keyword: async (name): Promise<Found> => {
      switch (name) {
        case "diff":
          return await gitDiff(workspace.root, "work-tree", signal);
        case "staged":
          return await gitDiff(workspace.root, "staged", signal);
        case "terminal":
          return lastCommand(messages);
        case "problems":
          return await problemsOf(app);
      }
    },
  };
}

/** Rules that forbid reading a file hold for what a person mentions, too. */
async function readByTool(args: Record<string, unknown>, { app, tools, signal }: MentionPlace): Promise<Found> {
  const call = { id: "mention", name: "read_file", args, raw: "", via: "native" as const, repairs: [] };
  const running = executeCall(call, { tools, gate: app.gate, clock: systemClock }, signal);
  for (;;) {
    const step = await running.next();
    if (step.done !== true) continue;
    const { status, text } = step.value;
    return status === "ok" ? { text } : { why: text.replace(/^error: /, "") };
  }
}

async function gitDiff(root: string, what: "work-tree" | "staged", signal: AbortSignal): Promise<Found> {
  try {
    const { openGit, readPlainDiff } = await import("@trust-cli/core/git");
    return { text: await readPlainDiff(await openGit(root, signal), what, signal) };
  } catch (error) {
    if (error instanceof TrustError && error.code !== "INTERRUPTED") return { why: error.message };
    throw error;
  }
}

async function problemsOf({ checks }: App): Promise<Found> {
  const all = checks.latest();
  if (all.length === 0) return { why: "no checker has found any in this session" };
  const { diagnosticLine } = await import("@trust-cli/core/checks");
  return { text: all.map(diagnosticLine).join("\n") };
}

/** Of this conversation: what a terminal showed before it cannot be seen. */
function lastCommand(messages: readonly Message[]): Found {
  const result = messages.findLast((message) => message.role === "tool" && message.name === "run_command");
  if (result?.role !== "tool") return { why: "no command was run in this conversation" };
  const calls = messages.flatMap((message) => (message.role === "assistant" ? message.calls : []));
  const command = calls.findLast(({ id, name }) => id === result.callId && name === "run_command")?.args["command"];
  return { text: `$ ${typeof command === "string" ? command : ""}\n${result.text}` };
}
