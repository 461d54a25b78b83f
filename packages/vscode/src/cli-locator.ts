import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";

export interface Cli {
  path: string;
  version: string;
}

export type Located = { found: true; cli: Cli } | { found: false; reason: string };

interface LocateOptions {
  /** The setting `trust.cliPath`; when it is set, nothing else is tried. */
  configured: string;
  environment: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  signal: AbortSignal;
}

const installHint = "From a checkout of Trust: npm link --workspace packages/cli";

/** Finds the command line of Trust: the setting, then PATH, then the folders that npm and its kin install into. */
export async function locateCli(options: LocateOptions): Promise<Located> {
  const configured = options.configured.trim();
  if (configured !== "") return locateConfigured(expandHome(configured, options), options);
  for (const folder of await searchFolders(options)) {
    for (const name of programNames(options.platform)) {
      const path = join(folder, name);
      if (!(await isProgram(path))) continue;
      const asked = await askVersion(path, options);
      if (asked.ok) return { found: true, cli: { path, version: asked.version } };
      options.signal.throwIfAborted();
    }
  }
  return { found: false, reason: `The trust command was not found on PATH. ${installHint}` };
}

async function locateConfigured(path: string, options: LocateOptions): Promise<Located> {
  const setting = `The setting trust.cliPath is ${path}`;
  if (!isAbsolute(path)) return { found: false, reason: `${setting}, which is not an absolute path.` };
  if (!(await isProgram(path))) return { found: false, reason: `${setting}, but no program is there.` };
  const asked = await askVersion(path, options);
  if (asked.ok) return { found: true, cli: { path, version: asked.version } };
  return { found: false, reason: `${setting}, but that is not Trust: ${asked.reason}` };
}

/**
 * p11-kit installs a program called trust too; that one ends with an error here, ours prints its version.
 */
async function askVersion(
  path: string,
  { environment, signal }: LocateOptions,
): Promise<{ ok: true; version: string } | { ok: false; reason: string }> {
  const { file, shell } = commandOf(path);
  try {
    const { stdout } = await promisify(execFile)(file, ["--version"], {
      env: environmentFor(path, environment),
      timeout: 10_000,
      windowsHide: true,
      shell,
      signal,
    });
    const line = stdout.split("\n", 1)[0]?.trim() ?? "";
    const version = /^(?:trust\s+)?v?(\d+\.\d+\.\d+\S*)/i.exec(line)?.[1];
    if (version !== undefined) return { ok: true, version };
    return { ok: false, reason: `trust --version printed ${JSON.stringify(line.slice(0, 80))}.` };
  } catch (error) {
    const text = (error as { stderr?: string }).stderr?.trim().split("\n", 1)[0];
    return { ok: false, reason: text || (error as Error).message };
  }
}

/** Batch files need a shell on Windows. The arguments are always constants of ours. */
export function commandOf(path: string): { file: string; shell: boolean } {
  const shell = /\.(cmd|bat)$/i.test(path);
  return { file: shell ? `"${path}"` : path, shell };
}

/** With the program's own folder on PATH: the Node beside it is the one that it was installed with. */
export function environmentFor(path: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const name = Object.keys(environment).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...environment, [name]: [dirname(path), environment[name] ?? ""].join(delimiter) };
}

const programNames = (platform: NodeJS.Platform): string[] =>
  platform === "win32" ? ["trust.cmd", "trust-cli.cmd", "trust.exe"] : ["trust", "trust-cli"];

async function searchFolders(options: LocateOptions): Promise<string[]> {
  const { environment, platform } = options;
  const path = Object.entries(environment).find(([key]) => key.toUpperCase() === "PATH")?.[1] ?? "";
  const home = homeOf(options);
  const windows = platform === "win32";
  const known = windows
    ? [join(environment["APPDATA"] ?? join(home, "AppData", "Roaming"), "npm"), join(home, ".volta", "bin")]
    : [
        ...[".npm-global/bin", ".local/bin", ".volta/bin", ".asdf/shims", "n/bin", ".bun/bin"].map((one) =>
          join(home, one),
        ),
        ...(await nvmFolders(home)),
        "/usr/local/bin",
        "/opt/homebrew/bin",
      ];
  return [...new Set([...path.split(delimiter), ...known].filter((folder) => isAbsolute(folder)))];
}

/** Newest Node first. */
async function nvmFolders(home: string): Promise<string[]> {
  const versions = join(home, ".nvm", "versions", "node");
  const names = await readdir(versions).catch(() => []);
  const newestFirst = names.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return newestFirst.map((name) => join(versions, name, "bin"));
}

const homeOf = ({ environment }: LocateOptions): string => environment["HOME"] || homedir();

const expandHome = (path: string, options: LocateOptions): string =>
  /^~[/\\]/.test(path) ? join(homeOf(options), path.slice(2)) : path;

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
