import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

import type { VscodeRig } from "../../../../scripts/interop/vscode.ts";
import { type Frame, type Page, startBrowser } from "./playwright.ts";

const shots = process.env["TRUST_SCREENSHOTS"] ?? join(tmpdir(), "trust-vscode-screenshots");
const scriptedAgent = join(import.meta.dirname, "..", "fixtures", "scripted-agent.ts");

/** A VS Code window in a browser, with the packed extension, a home and a Git repository of its own. */
export class Workbench implements AsyncDisposable {
  readonly folder: string;
  readonly page: Page;
  readonly hosts: Set<string>;
  readonly #root: string;
  readonly #close: () => Promise<void>;

  constructor(parts: { root: string; page: Page; hosts: Set<string>; close: () => Promise<void> }) {
    this.#root = parts.root;
    this.folder = workFolder(parts.root);
    this.page = parts.page;
    this.hosts = parts.hosts;
    this.#close = parts.close;
  }

  /** Inside the frames that a webview is made of. */
  get chat(): Frame {
    return this.page.frameLocator("iframe.webview.ready").first().frameLocator("iframe#active-frame");
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  git(...args: string[]): string {
    return execFileSync("git", args, { cwd: this.folder, encoding: "utf8" });
  }

  /** The process ids of every agent that was started. */
  startedAgents(): number[] {
    const log = join(this.#root, "started");
    return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").map(Number) : [];
  }

  /** Where VS Code looks for settings of machine scope when the extension runs on a server. */
  setMachineSettings(settings: Record<string, unknown>): void {
    writeJson(join(this.#root, "data", "Machine", "settings.json"), settings);
  }

  /** A program that stands for `trust`. */
  scriptedCli(): string {
    return this.startScript("scripted-trust", [
      `if [ "$1" = --version ]; then echo 0.0.0-scripted; exit; fi`,
      `echo $$ >> ${join(this.#root, "started")}`,
      `export TRUST_SCRIPTED_STORE=${join(this.#root, "sessions.jsonl")}`,
      `exec ${process.execPath} ${scriptedAgent}`,
    ]);
  }

  /** An executable shell script outside the opened folder. */
  startScript(name: string, lines: string[]): string {
    const path = join(this.#root, name);
    writeFileSync(path, `${["#!/bin/sh", ...lines].join("\n")}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input").first();
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
    await this.page.keyboard.press("Enter");
  }

  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press("Control+P");
    await this.page.locator(".quick-input-widget input").first().fill(name);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().waitFor();
    await this.page.keyboard.press("Enter");
    await this.page.locator(`.monaco-editor[data-uri$='${name}']`).first().waitFor();
  }

  async ask(text: string): Promise<void> {
    await this.chat.getByLabel("Ask Trust").fill(text);
    await this.chat.getByRole("button", { name: "Send" }).click();
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(shots, { recursive: true });
    await this.page.screenshot({ path: join(shots, `${name}.png`) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/** `files` are committed in the folder that is opened. */
export async function openWorkbench(
  rig: VscodeRig,
  vsix: string,
  setup: { files: Record<string, string>; isRestricted?: boolean; settings?: Record<string, unknown> },
): Promise<Workbench> {
  const root = mkdtempSync(join(tmpdir(), "trust-vscode-"));
  makeRepository(workFolder(root), setup.files);
  const trust = setup.isRestricted === true ? restrictedSettings : {};
  writeSettings(root, { ...trust, ...setup.settings });
  const server = await startServer(rig, root, vsix, setup.isRestricted ?? false);
  const browser = await startBrowser(rig.playwright, rig.chromium, join(root, "browser"));
  const hosts = new Set<string>();
  browser.on("request", (request) => hosts.add(new URL(request.url()).hostname));
  browser.setDefaultTimeout(15_000);
  const page = await browser.newPage();
  const close = async (): Promise<void> => {
    await browser.close();
    await stopServer(server.child);
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  await page.goto(`${server.url}?folder=${workFolder(root)}`);
  await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
  await page.locator('[id="trust-cli.trust-vscode.trust.status"]').waitFor({ timeout: 60_000 });
  return new Workbench({ root, page, hosts, close });
}

const workFolder = (root: string): string => join(root, "shop");

const restrictedSettings = { "security.workspace.trust.startupPrompt": "never" };

function writeSettings(root: string, more: Record<string, unknown>): void {
  const settings = {
    "workbench.startupEditor": "none",
    "workbench.enableExperiments": false,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "telemetry.telemetryLevel": "off",
    "extensions.autoUpdate": false,
    "extensions.autoCheckUpdates": false,
    "update.mode": "none",
    "git.autofetch": false,
    "files.autoSave": "off",
    "remote.autoForwardPorts": false,
    "chat.disableAIFeatures": true,
    ...more,
  };
  writeJson(join(root, "data", "User", "settings.json"), settings);
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(value));
}

function makeRepository(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const git = (...args: string[]): unknown => execFileSync("git", args, { cwd: folder });
  git("init", "--quiet", "--initial-branch", "main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.org");
  git("add", ".");
  git("commit", "--quiet", "-m", "start");
}

async function startServer(
  rig: VscodeRig,
  root: string,
  vsix: string,
  isRestricted: boolean,
): Promise<{ child: ChildProcess; url: string }> {
  const home = join(root, "home");
  mkdirSync(home, { recursive: true });
  // Without any folder that could hold a real `trust`.
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const env = { HOME: home, PATH: path, LANG: "C.UTF-8", TRUST_HOST_SHARED: "false" };
  const folders = ["--user-data-dir", join(root, "data"), "--extensions-dir", join(root, "extensions")];
  execFileSync(process.execPath, [rig.codeServer, ...folders, "--install-extension", vsix], { env, stdio: "pipe" });
  const flags = [
    "--auth",
    "none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
  ];
  if (!isRestricted) flags.push("--disable-workspace-trust");
  const args = [rig.codeServer, "--bind-addr", "127.0.0.1:0", ...flags, ...folders];
  // A group of its own, so that everything it starts can be ended with it.
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  child.stderr.resume();
  return { child, url: await listeningUrl(child) };
}

function listeningUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", (status) => reject(new Error(`code-server ended with status ${status}`)));
    if (child.stdout === null) return reject(new Error("code-server has no output"));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = /HTTP server listening on (http:\/\/\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-child.pid, "SIGKILL");
  await ended;
}
