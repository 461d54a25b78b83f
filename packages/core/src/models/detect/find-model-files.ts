import { type Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface FoundFile {
  path: string;
  sizeBytes: number;
}

const mostFiles = 1000;
const deepestFolder = 3;

/** GGUF files under these folders, by name. Folders that cannot be read count as empty; links are not followed into folders. */
export async function findModelFiles(folders: readonly string[], signal: AbortSignal): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const folder of folders) await search(folder, deepestFolder, { found, signal });
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

interface Search {
  found: FoundFile[];
  signal: AbortSignal;
}

async function search(folder: string, depth: number, { found, signal }: Search): Promise<void> {
  signal.throwIfAborted();
  for (const entry of await entriesOf(folder)) {
    if (found.length >= mostFiles) return;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth > 1) await search(path, depth - 1, { found, signal });
    } else if (isModelName(entry.name)) {
      const sizeBytes = await sizeOf(path);
      if (sizeBytes !== undefined) found.push({ path, sizeBytes });
    }
  }
}

/** Of a model in parts, llama.cpp opens the first and finds the others itself. */
function isModelName(name: string): boolean {
  if (!name.toLowerCase().endsWith(".gguf")) return false;
  const part = /-(\d{5})-of-\d{5}\.gguf$/i.exec(name)?.[1];
  return part === undefined || part === "00001";
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}
