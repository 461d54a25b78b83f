/**
 * Sets up what the end-to-end test of the extension needs, by npm alone: code-server (a real VS Code in a
 * browser), playwright-core, and vsce that packs it. Usage: node scripts/interop/vscode.ts
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { cacheFolder, hasPackages, installPackages, npmInstall } from "./cache.ts";
import { setUpVsce } from "./vsce.ts";

const versions = { "code-server": "4.139.1", "playwright-core": "1.65.1" };
const folder = cacheFolder("vscode");

export interface VscodeRig {
  /** Started with Node: a VS Code server. */
  codeServer: string;
  /** The entry of playwright-core, for `import()`. */
  playwright: string;
  chromium: string;
}

/** What is there, or one sentence about what is missing and how to get it. Starts and downloads nothing. */
export function findVscodeRig(): VscodeRig | string {
  if (!hasPackages(folder, versions))
    return `code-server is not set up in ${folder}. Run: node scripts/interop/vscode.ts`;
  const chromium = findChromium();
  if (chromium === undefined) return "Chromium is not on PATH. On Debian: apt-get install chromium fonts-dejavu-core";
  const modules = join(folder, "node_modules");
  return {
    codeServer: join(modules, "code-server", "out", "node", "entry.js"),
    playwright: join(modules, "playwright-core", "index.mjs"),
    chromium,
  };
}

/** Installs once; does nothing when the same versions are already there. */
export async function setUpVscodeRig(): Promise<void> {
  await installPackages(folder, versions, async () => {
    const vscode = join(folder, "node_modules", "code-server", "lib", "vscode");
    // Their shrinkwraps lack an entry, so that `npm ci` fails; native parts are not needed for the tests.
    await npmInstall(vscode, "--omit=dev");
    await npmInstall(join(vscode, "extensions"), "--omit=dev");
  });
}

function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  return names.flatMap((name) => folders.map((place) => join(place, name))).find((path) => existsSync(path));
}

if (import.meta.main) {
  await setUpVsce();
  await setUpVscodeRig();
  const rig = findVscodeRig();
  if (typeof rig === "string") {
    process.stderr.write(`${rig}\n`);
    process.exitCode = 3;
  } else {
    process.stdout.write(`${JSON.stringify(rig, undefined, 2)}\n`);
  }
}
