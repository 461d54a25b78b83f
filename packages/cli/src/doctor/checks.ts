import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { errorBody } from "@trust-cli/core/protocol";

import type { App } from "../composition/app.ts";
import { chooseModel } from "../composition/model.ts";

const run = promisify(execFile);

/** `warn`: works, but look at it. `fail`: something needed is missing. */
export interface CheckResult {
  name: string;
  status: "ok" | "warn" | "fail";
  detail: string;
  /** The next command or step. */
  remedy?: string;
}

export type Check = (app: App, signal: AbortSignal) => Promise<CheckResult>;

const pass = (name: string, detail: string): CheckResult => ({ name, status: "ok", detail });

/** In the order of the report. */
export const checks: readonly Check[] = [
  checkNode,
  checkSettings,
  checkStorage,
  checkModel,
  checkTerminal,
  checkGit,
  checkRipgrep,
  checkProgramName,
];

function checkNode(): Promise<CheckResult> {
  const name = "node";
  const detail = `Node ${process.versions.node} at ${process.execPath}`;
  const recent = Number.parseInt(process.versions.node, 10) >= 24;
  const remedy = "install Node 24 or newer; in a clone of Trust, npm start brings its own";
  return Promise.resolve(recent ? pass(name, detail) : { name, status: "fail", detail, remedy });
}

function checkSettings(app: App): Promise<CheckResult> {
  const { notices, layers, problems } = app.resolved;
  const [problem] = problems;
  if (problem !== undefined) {
    const said = problems.map(({ message }) => message).join("; ");
    return Promise.resolve({
      name: "settings",
      status: "fail",
      detail: `${said}; what follows is without these settings`,
      remedy: problem.hint ?? "trust config path",
    });
  }
  const files = layers.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const detail = files.length === 0 ? "defaults only, no file" : files.join(", ");
  if (notices.length === 0) return Promise.resolve(pass("settings", detail));
  return Promise.resolve({ name: "settings", status: "warn", detail: notices.join("; "), remedy: "trust config path" });
}

async function checkStorage(app: App): Promise<CheckResult> {
  const name = "storage";
  try {
    const { createSessionStore } = await import("@trust-cli/core/storage");
    using store = createSessionStore(app.databasePath, app.locksPath);
    return pass(name, `SQLite works, ${store.list(1000).length} sessions in ${app.databasePath}`);
  } catch (error) {
    const { message, hint } = errorBody(error);
    return { name, status: "fail", detail: message, remedy: hint ?? "npm ci" };
  }
}

/** Loads the configured model and lets it write one real token. */
async function checkModel(app: App, signal: AbortSignal): Promise<CheckResult> {
  const name = "model";
  try {
    const chosen = await chooseModel(app.config, app.workspace.root, app.paths, app.environment);
    await using port = chosen.port;
    const began = performance.now();
    const info = await port.describe(signal);
    const loaded = Math.round(performance.now() - began);
    const messages = [{ role: "user", text: "hello" }] as const;
    const sampling = { temperature: 0 };
    let tokens = 0;
    for await (const event of port.stream(
      { messages, tools: [], toolChoice: "none", maxTokens: 1, sampling },
      signal,
    )) {
      if (event.type !== "finish") continue;
      tokens = event.usage.outputTokens;
      if (event.error !== undefined)
        return { name, status: "fail", detail: event.error.message, remedy: event.error.hint ?? "trust -m nano" };
    }
    if (tokens === 0) return { name, status: "fail", detail: `${chosen.id} wrote no token`, remedy: "trust -m nano" };
    return pass(name, `${chosen.id}: ready in ${loaded} ms, wrote ${tokens} token, context ${info.contextSize}`);
  } catch (error) {
    const { message, hint } = errorBody(error);
    return { name, status: "fail", detail: message, remedy: hint ?? "npm ci" };
  }
}

function checkTerminal(): Promise<CheckResult> {
  const name = "terminal";
  const { TERM, COLORTERM } = process.env;
  if (!process.stdout.isTTY)
    return Promise.resolve(pass(name, "output is not a terminal: trust -p works, the chat needs one"));
  const size = `${process.stdout.columns}x${process.stdout.rows}`;
  const detail = `${TERM ?? "unknown"}${COLORTERM === undefined ? "" : ` ${COLORTERM}`}, ${size}`;
  const usable = TERM !== "dumb" && TERM !== undefined;
  return Promise.resolve(
    usable ? pass(name, detail) : { name, status: "warn", detail, remedy: "export TERM=xterm-256color" },
  );
}

async function checkGit(): Promise<CheckResult> {
  try {
    const { stdout } = await run("git", ["--version"]);
    return pass("git", stdout.trim());
  } catch {
    const remedy = "install git from https://git-scm.com or your package manager";
    return { name: "git", status: "warn", detail: "git is not on the PATH; the chat works without it", remedy };
  }
}

async function checkRipgrep(): Promise<CheckResult> {
  const name = "ripgrep";
  try {
    const { rgPath } = await import("@vscode/ripgrep");
    const { stdout } = await run(rgPath, ["--version"]);
    return pass(name, stdout.split("\n")[0] ?? "");
  } catch (error) {
    return { name, status: "fail", detail: `ripgrep does not run: ${(error as Error).message}`, remedy: "npm ci" };
  }
}

/** p11-kit ships a program of the same name: say which one this person's shell finds. */
async function checkProgramName(): Promise<CheckResult> {
  const name = "program name";
  const found = await firstOnPath("trust");
  if (found === undefined) return pass(name, "trust is not on the PATH; npm start runs it");
  const { stdout } = await run(found, ["--help"]).catch(() => ({ stdout: "" }));
  if (stdout.startsWith("trust: an AI coding assistant")) return pass(name, found);
  const detail = `${found} is another program called trust (p11-kit ships one)`;
  return { name, status: "warn", detail, remedy: "call this one trust-cli" };
}

async function firstOnPath(program: string): Promise<string | undefined> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const candidate = join(folder, process.platform === "win32" ? `${program}.cmd` : program);
    const runnable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runnable) return candidate;
  }
  return undefined;
}
