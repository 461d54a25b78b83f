import { homedir } from "node:os";
import { join } from "node:path";

import { createInputHistory } from "@trust-cli/core/input-history";
import type { ModelInfo } from "@trust-cli/core/ports";
import { TrustError } from "@trust-cli/core/protocol";

import type { ChatController, ModelInUse } from "../tui/index.ts";
import { version } from "../version.ts";
import { type App, type AppFlags, createApp } from "./app.ts";
import { ChatSession, type SessionChoice } from "./chat-session.ts";
import { readBranch } from "./git-branch.ts";

/** What the chat screen needs, wired to the real engine. */
export async function createChatController(
  flags: AppFlags,
  choice: SessionChoice,
): Promise<ChatController & AsyncDisposable> {
  const app = await createApp(flags, true);
  const chat = await ChatSession.open(app, choice);
  const life = new AbortController();
  return {
    start: await startFacts(app, chat),
    history: chat.messages,
    warmUp: (onLoad) => warmUp(chat, life.signal, onLoad),
    runTurn: (text, signal) => chat.runTurn(text, signal),
    decide: (callId, decision) => app.approvals.decide(callId, decision),
    completeFile: fileCompletion(app),
    command: {
      describeModel: () =>
        `${chat.model.id} (${chat.model.note}). /model nano, /model PATH.gguf or /model URL changes it.`,
      useModel: (reference, signal, onLoad) =>
        useModel(chat, reference, { signal: AbortSignal.any([life.signal, signal]), onLoad }),
      clear: () => {
        chat.clear();
        return Promise.resolve();
      },
      compact: () => compactNow(chat, life.signal),
    },
    inputHistory: inputHistory(app),
    [Symbol.asyncDispose]: async () => {
      life.abort();
      await chat[Symbol.asyncDispose]();
    },
  };
}

async function startFacts(app: App, chat: ChatSession): Promise<ChatController["start"]> {
  const { root } = app.workspace;
  const home = homedir();
  const cwdLabel = root === home || root.startsWith(join(home, "/")) ? `~${root.slice(home.length)}` : root;
  const { id: modelName, note: modelNote } = chat.model;
  const { mode } = app.config;
  return {
    version,
    cwdLabel,
    branch: await readBranch(root),
    modelName,
    modelNote,
    mode,
    notices: app.resolved.notices,
  };
}

/** A model that was replaced while it was loaded counts no more, whatever became of it: its successor does. */
async function warmUp(chat: ChatSession, signal: AbortSignal, onLoad: (fraction: number) => void): Promise<ModelInUse> {
  const { model } = chat;
  const isReplaced = (): boolean => chat.model !== model;
  try {
    const info = await chat.describe(signal, (fraction) => {
      if (!isReplaced()) onLoad(fraction);
    });
    if (!isReplaced()) return inUse(info, model.note);
  } catch (error) {
    if (!isReplaced()) throw error;
  }
  return warmUp(chat, signal, onLoad);
}

interface Loading {
  signal: AbortSignal;
  onLoad: (fraction: number) => void;
}

async function useModel(chat: ChatSession, reference: string, { signal, onLoad }: Loading): Promise<ModelInUse> {
  try {
    const info = await chat.useModel(reference, signal, onLoad);
    return inUse(info, chat.model.note);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    const { code, message, hint } = error;
    const stays = `${message}; ${chat.model.id} stays in use`;
    throw new TrustError(code, stays, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}

const inUse = ({ name, contextSize, local }: ModelInfo, note: string): ModelInUse => ({
  name,
  contextSize,
  note,
  local,
});

async function compactNow(chat: ChatSession, signal: AbortSignal): Promise<string> {
  const { tokensBefore, tokensAfter } = await chat.compact(signal);
  return `The conversation now takes ${tokensAfter} tokens, before it were ${tokensBefore}.`;
}

/** In a very large workspace, the first time. */
const longestSearchMilliseconds = 15_000;

/**
 * Files for `@` completion: found by name through the same tool that a model uses. A new prefix ends the search
 * for the one before, so that fast typing does not start many.
 */
function fileCompletion(app: App): ChatController["completeFile"] {
  let current = new AbortController();
  return async (prefix) => {
    current.abort();
    current = new AbortController();
    const signal = AbortSignal.any([current.signal, AbortSignal.timeout(longestSearchMilliseconds)]);
    const tool = app.toolsFor(undefined).find(({ name }) => name === "find_files");
    const input = tool?.input.safeParse({ pattern: prefix === "" ? "*" : `*${prefix}*` });
    if (tool === undefined || input?.success !== true) return [];
    const prepared = await tool.prepare(input.data, signal);
    if (!prepared.ok) return [];
    const { status, text } = await prepared.value.run(signal, () => undefined);
    return status === "ok" ? text.split("\n").slice(0, 6) : [];
  };
}

function inputHistory(app: App): ChatController["inputHistory"] {
  const file = join(app.paths.state, "input-history.jsonl");
  const history = createInputHistory(file);
  return { load: () => Promise.resolve(history.load()), add: (text) => history.add(text) };
}
