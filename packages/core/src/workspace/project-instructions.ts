import { existsSync } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";

import { slashes } from "./workspace.ts";

/** What a project's authors tell every assistant. */
export interface ProjectInstructions {
  /** The file, from the repository's root. */
  name: string;
  text: string;
  /** The file is longer than what is kept. */
  isCut: boolean;
}

/** The first of these that a folder has. */
const names = ["AGENTS.md", "CLAUDE.md", "GEMINI.md", ".cursorrules"];
const mostBytes = 32 * 1024;

/**
 * The instructions that hold in a folder: one file of each folder from the repository's root down to it, the nearest one
 * last. Outside of repositories `top` counts as the root. At most 32 KiB of each. What is no text, or leads out of the
 * repository, is left out.
 */
export async function readProjectInstructions(folder: string, top = folder): Promise<ProjectInstructions[]> {
  const root = repositoryOf(folder) ?? top;
  const found: ProjectInstructions[] = [];
  for (const place of foldersBetween(root, folder)) {
    const name = names.find((one) => existsSync(join(place, one)));
    const read = name === undefined ? undefined : await readInstructions(root, join(place, name));
    if (read !== undefined) found.push(read);
  }
  return found;
}

/** Together at most `limit` characters: those of the nearest folder first, each whole lines from its start. */
export function instructionsText(all: readonly ProjectInstructions[], limit: number): string {
  let left = limit;
  const parts = all.toReversed().flatMap(({ name, text, isCut }) => {
    const kept = wholeLines(text, left);
    left -= kept.length;
    const note = isCut || kept.length < text.trimEnd().length ? `\n(The rest of ${name} is left out.)` : "";
    return kept === "" ? [] : [`From ${name}, by the authors of this project:\n\n${kept}${note}`];
  });
  return parts.toReversed().join("\n\n");
}

function wholeLines(text: string, limit: number): string {
  const trimmed = text.trimEnd();
  if (trimmed.length <= limit) return trimmed;
  return trimmed.slice(0, Math.max(0, trimmed.lastIndexOf("\n", limit)));
}

/** The nearest folder above that has a `.git`. */
function repositoryOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (dirname(at) === at) return undefined;
  }
}

function foldersBetween(root: string, folder: string): string[] {
  const parts = relative(root, folder).split(sep);
  const steps = parts[0] === "" ? [] : parts;
  return [root, ...steps.map((_, index) => join(root, ...steps.slice(0, index + 1)))];
}

async function readInstructions(root: string, path: string): Promise<ProjectInstructions | undefined> {
  try {
    const real = await realpath(path);
    if (!real.startsWith(root + sep)) return undefined;
    await using handle = await open(real);
    const stats = await handle.stat();
    if (!stats.isFile()) return undefined;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    const bytes = buffer.subarray(0, bytesRead);
    if (bytes.includes(0)) return undefined;
    const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
    return { name: slashes(relative(root, path)), text, isCut: stats.size > mostBytes };
  } catch {
    // What cannot be read tells nothing: the work goes on without it.
    return undefined;
  }
}
