/**
 * Sets up what the end-to-end test of the extension needs, by npm alone: code-server (a real VS Code in a
 * browser), playwright-core and vsce. Usage: node scripts/interop/vscode.ts
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const versions = { "code-server": "4.139.1", "playwright-core": "1.65.1", "@vscode/vsce": "3.9.2" };
const stampText = `${JSON.stringify(versions)} ${process.platform} ${process.arch}\n`;

export interface VscodeRig {
  /** Started with Node: a VS Code server. */
  codeServer: string;
  /** The entry of playwright-core, for `import()`. */
  playwright: string;
  chromium: string;
}

function rigFolder(): string {
  const cache = process.env["TRUST_INTEROP_CACHE"] ?? join(homedir(), ".cache", "trust-interop");
  return join(cache, "vscode");
}

/** What is there, or one sentence about what is missing and how to get it. Starts and downloads nothing. */
export function findVscodeRig(): VscodeRig | string {
  const folder = rigFolder();
  if (!isComplete(folder)) return `code-server is not set up in ${folder}. Run: node scripts/interop/vscode.ts`;
  const chromium = findChromium();
  if (chromium === undefined) return "Chromium is not on PATH. On Debian: apt-get install chromium fonts-dejavu-core";
  const modules = join(folder, "node_modules");
  return {
    codeServer: join(modules, "code-server", "out", "node", "entry.js"),
    playwright: join(modules, "playwright-core", "index.mjs"),
    chromium,
  };
}

/** Started with Node: packs an extension. Throws when it is not set up. */
export function findVsce(): string {
  const vsce = join(rigFolder(), "node_modules", "@vscode", "vsce", "vsce");
  if (!existsSync(vsce)) throw new Error(`vsce is not set up in ${rigFolder()}. Run: node scripts/interop/vscode.ts`);
  return vsce;
}

/** Installs once; does nothing when the same versions are already there. */
export async function setUpVscodeRig(): Promise<void> {
  const folder = rigFolder();
  if (isComplete(folder)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ private: true, dependencies: versions })}\n`);
  const vscode = join(folder, "node_modules", "code-server", "lib", "vscode");
  await npmInstall(folder);
  // Their shrinkwraps lack an entry, so that `npm ci` fails; native parts are not needed for the tests.
  await npmInstall(vscode, "--omit=dev");
  await npmInstall(join(vscode, "extensions"), "--omit=dev");
  writeFileSync(stampFile(folder), stampText);
}

const stampFile = (folder: string): string => join(folder, ".trust-complete");

function isComplete(folder: string): boolean {
  return existsSync(stampFile(folder)) && readFileSync(stampFile(folder), "utf8") === stampText;
}

function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

function npmInstall(folder: string, ...more: string[]): Promise<void> {
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...more];
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  return new Promise((resolve, reject) => {
    const child = spawn(npm, args, { cwd: folder, stdio: ["ignore", 2, 2] });
    child.once("error", reject);
    child.once("exit", (status) => {
      if (status === 0) resolve();
      else reject(new Error(`npm install in ${folder} ended with status ${status}; its reasons are above`));
    });
  });
}

if (import.meta.main) {
  await setUpVscodeRig();
  const rig = findVscodeRig();
  if (typeof rig === "string") {
    process.stderr.write(`${rig}\n`);
    process.exitCode = 3;
  } else {
    process.stdout.write(`${JSON.stringify(rig, undefined, 2)}\n`);
  }
}
