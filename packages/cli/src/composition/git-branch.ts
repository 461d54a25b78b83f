import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** The checked-out branch of the repository around `folder`, read from its files; undefined outside Git. */
export async function readBranch(folder: string): Promise<string | undefined> {
  const gitFolder = await findGitFolder(folder);
  if (gitFolder === undefined) return undefined;
  const head = await readFile(join(gitFolder, "HEAD"), "utf8").catch(() => "");
  return /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? head.slice(0, 7);
}

async function findGitFolder(folder: string): Promise<string | undefined> {
  const candidate = join(folder, ".git");
  const found = await stat(candidate).catch(() => undefined);
  if (found?.isDirectory() === true) return candidate;
  if (found?.isFile() === true) {
    // A worktree or submodule: the file names the real folder.
    const target = /^gitdir: (.+)$/m.exec(await readFile(candidate, "utf8"))?.[1];
    return target === undefined ? undefined : resolve(folder, target);
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : findGitFolder(parent);
}
