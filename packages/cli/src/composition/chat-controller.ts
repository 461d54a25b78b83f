import { homedir } from "node:os";
import { join } from "node:path";

import { listProfiles } from "@trust-cli/core/config";
import { createInputHistory } from "@trust-cli/core/input-history";
import { completeMention } from "@trust-cli/core/mentions";
import type { ModelInfo } from "@trust-cli/core/ports";
import { TrustError } from "@trust-cli/core/protocol";

import { mentionText } from "../print/mention-text.ts";
import type { ChatController, InUse, ModelChoice, ModelInUse } from "../tui/index.ts";
import { version } from "../version.ts";
import { type App, createApp } from "./app.ts";
import { ChatSession, type SessionChoice } from "./chat-session.ts";
import { readBranch } from "./git-branch.ts";
import { listModels, windowText } from "./model-list.ts";
import { sizeText } from "./model.ts";
import { type AppFlags, withProfile } from "./settings.ts";
import { rewindChat, undoInChat } from "./take-back.ts";

/** What the chat screen needs, wired to the real engine. */
export async function createChatController(
  flags: AppFlags,
  choice: SessionChoice,
): Promise<ChatController & AsyncDisposable> {
  const app = await createApp(flags, true);
  const chat = await ChatSession.open(app, choice);
  const life = new AbortController();
  let used = flags;
  return {
    start: await startFacts(app, chat),
    history: chat.messages,
    warmUp: (onLoad) => warmUp(chat, life.signal, onLoad),
    runTurn: (text, signal) => chat.runTurn({ text, typed: text }, signal),
    decide: (callId, decision) => chat.app.approvals.decide(callId, decision),
    completeMention: mentionCompletion(chat),
    describeMentions: async (text, signal) => (await chat.describeMentions(text, signal)).map(mentionText),
    command: {
      describeModel: () =>
        `${chat.model.id} (${chat.model.note}). /model followed by one of these, a path or a URL changes it.`,
      listModels: (signal) => modelChoices(chat, AbortSignal.any([life.signal, signal])),
      useModel: (reference, signal, onLoad) =>
        useModel(chat, reference, { signal: AbortSignal.any([life.signal, signal]), onLoad }),
      describeProfiles: () => describeProfiles(chat.app),
      useProfile: async (name, signal, onLoad) => {
        const next = withProfile(used, name);
        const inUseNow = await useProfile(chat, next, { signal: AbortSignal.any([life.signal, signal]), onLoad });
        used = next;
        return inUseNow;
      },
      useMode: async (mode, signal) => {
        const next = { ...used, mode };
        const changed = await createApp(next, true);
        await chat.useApp(changed, AbortSignal.any([life.signal, signal]));
        used = next;
        return changed.config.mode;
      },
      clear: () => {
        chat.clear();
        return Promise.resolve();
      },
      compact: () => compactNow(chat, life.signal),
      undo: (direction, argument) => undoInChat(chat, direction, argument),
      rewind: (argument) => rewindChat(chat, argument),
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

async function useProfile(chat: ChatSession, flags: AppFlags, { signal, onLoad }: Loading): Promise<InUse> {
  const app = await createApp(flags, true);
  await chat.useApp(app, signal, onLoad);
  const info = await chat.describe(signal, onLoad);
  return { model: inUse(info, chat.model.note), mode: app.config.mode, profile: app.config.profile };
}

function describeProfiles({ config, paths, workspace }: App): string {
  const names = [...new Set(listProfiles({ paths, cwd: workspace.root }).map(({ name }) => name))];
  if (names.length === 0) return "there are no profiles. trust profile create NAME makes one";
  const rows = names.map((name) => `${name === config.profile ? "›" : " "} ${name}`);
  return [...rows, "/profile followed by one of these goes on under it, /profile none as your settings say"].join("\n");
}

const inUse = ({ name, contextSize, local, notes = [] }: ModelInfo, note: string): ModelInUse => ({
  name,
  contextSize,
  note,
  local,
  notes,
});

async function modelChoices(chat: ChatSession, signal: AbortSignal): Promise<ModelChoice[]> {
  const { config, workspace, paths, environment } = chat.app;
  const place = { config, cwd: workspace.root, paths, environment };
  const models = await listModels(chat.model.id, place, signal);
  return models.map(({ reference, group, name, sizeBytes, contextSize, status = "", inUse: isInUse }) => ({
    reference,
    group,
    name,
    size: sizeBytes === undefined ? "" : sizeText(sizeBytes),
    window: contextSize === undefined ? "" : windowText(contextSize),
    status,
    inUse: isInUse,
  }));
}

async function compactNow(chat: ChatSession, signal: AbortSignal): Promise<string> {
  const { tokensBefore, tokensAfter } = await chat.compact(signal);
  return `The conversation now takes ${tokensAfter} tokens, before it were ${tokensBefore}.`;
}

/** In a very large workspace, the first time. */
const longestSearchMilliseconds = 15_000;

/** A new prefix ends the search for the one before, so that fast typing does not start many. */
function mentionCompletion(chat: ChatSession): ChatController["completeMention"] {
  let current = new AbortController();
  return async (prefix) => {
    current.abort();
    current = new AbortController();
    const signal = AbortSignal.any([current.signal, AbortSignal.timeout(longestSearchMilliseconds)]);
    return await completeMention(chat.app.workspace.root, prefix, signal);
  };
}

function inputHistory(app: App): ChatController["inputHistory"] {
  const file = join(app.paths.state, "input-history.jsonl");
  const history = createInputHistory(file);
  return { load: () => Promise.resolve(history.load()), add: (text) => history.add(text) };
}
