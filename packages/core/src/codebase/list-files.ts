import { isUtf8 } from "node:buffer";
import { spawn } from "node:child_process";
import { lstatSync } from "node:fs";
import { join } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import { LineSplitter, slashes } from "../workspace/index.ts";
import { isGeneratedName, isSecretFile, vendoredFolders } from "./file-rules.ts";

/** Hidden files belong to the code, links are not followed, ignore files count with and without Git. */
const options = ["--files", "--null", "--no-config", "--no-messages", "--hidden", "--no-require-git", "--color=never"];
const ownIgnoreFile = ".trustignore";
const longestPathBytes = 4096;
const mostFiles = 300_000;
/** Further ones are not obeyed: each costs a listing of its folder. */
const mostIgnoreFiles = 100;

/**
 * The files that make up the code below `root`, as paths with `/` in the order of their characters: what neither
 * Git nor `.trustignore` ignores, without secrets, other people's code, and files that programs write. Names that
 * are not UTF-8 are left out. Throws PROGRAM_MISSING and INTERRUPTED.
 */
export async function listFiles(root: string, signal?: AbortSignal): Promise<string[]> {
  const paths = await listFolder(root, signal);
  const ignoring = paths.filter((path) => path.endsWith(`/${ownIgnoreFile}`)).slice(0, mostIgnoreFiles);
  let kept: readonly string[] = paths;
  for (const file of ignoring) {
    const folder = file.slice(0, -ownIgnoreFile.length);
    const listed = new Set(await listFolder(join(root, folder), signal));
    kept = kept.filter((path) => !path.startsWith(folder) || listed.has(path.slice(folder.length)));
  }
  return kept.toSorted();
}

/** What lies below one folder, without what its own ignore file names and what those of Git name, also further up. */
async function listFolder(root: string, signal: AbortSignal | undefined): Promise<string[]> {
  if (signal?.aborted === true) throw interrupted();
  const paths: string[] = [];
  const splitter = new LineSplitter(0, longestPathBytes, (bytes, length) => {
    const path = length > longestPathBytes ? undefined : decoded(bytes);
    if (path !== undefined && paths.length < mostFiles && isCode(path)) paths.push(path);
  });
  await runLister(root, splitter, signal);
  return paths;
}

const isCode = (path: string): boolean => !isSecretFile(path) && !isGeneratedName(path);

const decoded = (bytes: Buffer): string | undefined => (isUtf8(bytes) ? slashes(bytes.toString("utf8")) : undefined);

async function runLister(root: string, splitter: LineSplitter, signal: AbortSignal | undefined): Promise<void> {
  const child = spawn(await program(), [...options, ...globs, ...ignoreFile(root)], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => void child.kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  child.stdout.on("data", (chunk: Buffer) => splitter.push(chunk));
  child.on("error", (cause) => reject(missing(cause)));
  child.on("close", () => {
    splitter.end();
    if (signal?.aborted === true) reject(interrupted());
    else resolve();
  });
  await promise.finally(() => signal?.removeEventListener("abort", stop));
}

const globs = vendoredFolders.map((folder) => `--glob=!${folder}/`);

function ignoreFile(root: string): string[] {
  const file = join(root, ownIgnoreFile);
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true ? [`--ignore-file=${file}`] : [];
}

async function program(): Promise<string> {
  try {
    return (await import("@vscode/ripgrep")).rgPath;
  } catch (cause) {
    throw missing(cause);
  }
}

const interrupted = (): TrustError => new TrustError("INTERRUPTED", "interrupted by the person");

function missing(cause: unknown): TrustError {
  return new TrustError("PROGRAM_MISSING", "ripgrep, which lists files, could not be started on this system", {
    hint: "Install Trust again with optional dependencies",
    cause,
  });
}
