import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { childProcesses, openTerminal, type TerminalProgram } from "@trust-cli/core/testing";

import { type Home, trustProgram } from "./program.ts";

const prompt = "ask about this code";
/** Longer than the guard that keeps typed-ahead keys from answering a question. */
const guardMilliseconds = 400;

/** The built program in a real terminal, at its prompt. */
export async function openChat(home: Home, folder: string, args: readonly string[] = []): Promise<TerminalProgram> {
  const chat = openTerminal(process.execPath, [trustProgram, ...args], { cwd: folder, env: home.env, rows: 40 });
  await chat.waitFor(prompt);
  return chat;
}

/** Answers the question on the screen with one key. */
export async function answer(chat: TerminalProgram, question: string, key: "y" | "n" | "s"): Promise<void> {
  await chat.waitFor(question);
  await sleep(guardMilliseconds);
  chat.type(key);
}

/** Presses Ctrl-C twice, as a person does, and waits for the end. */
export async function leave(chat: TerminalProgram): Promise<number> {
  chat.type("\u0003");
  await sleep(200);
  chat.type("\u0003");
  return chat.exited;
}

/** The model host of a chat: its child that runs the host's bundle. Linux only. */
export function hostProcess(chatProcess: number): number | undefined {
  return childProcesses(chatProcess).find((child) =>
    readFileSync(`/proc/${child}/cmdline`, "utf8").includes("host.js"),
  );
}
