import { readdir } from "node:fs/promises";

import { failure, ok, type Result, TrustError } from "@trust-cli/core/protocol";
import { fileError, readTextFile, type ResolvedPath, type Workspace } from "@trust-cli/core/workspace";

import { type PathPattern, pathPattern } from "./glob.ts";

export interface FileAccess {
  workspace: Workspace;
  /** What the person's rules say; a path from the root. */
  mayRead: (path: string) => boolean;
  /** What the manifest names. */
  globs: readonly string[];
}

export interface Entry {
  name: string;
  kind: "file" | "directory";
}

const largestFile = 1_000_000;
const mostMatches = 5000;
const mostEntries = 100_000;
const longestPattern = 500;

/** The workspace as one plugin sees it: inside the root, named by its manifest, not denied by a rule. */
export class WorkspaceFiles {
  readonly #workspace: Workspace;
  readonly #mayRead: (path: string) => boolean;
  readonly #granted: readonly PathPattern[];

  constructor({ workspace, mayRead, globs }: FileAccess) {
    this.#workspace = workspace;
    this.#mayRead = mayRead;
    this.#granted = globs.map(pathPattern);
  }

  async read(path: string): Promise<Result<string>> {
    const target = await this.#workspace.resolve(path, "read");
    if (!target.ok) return target;
    if (!this.#isReadable(target.value.name)) return failure(this.#refusal(target.value.name));
    const file = await readTextFile(target.value, { maxBytes: largestFile });
    return file.ok ? ok(file.value.text) : file;
  }

  async list(path: string): Promise<Result<Entry[]>> {
    const target = await this.#workspace.resolve(path, "read");
    if (!target.ok) return target;
    if (!this.#isOpen(target.value.name)) return failure(this.#refusal(target.value.name));
    return this.#entries(target.value);
  }

  /** Links are not followed, folders that no granted pattern leads into are not entered. */
  async glob(pattern: string, signal: AbortSignal): Promise<Result<string[]>> {
    if (pattern.length > longestPattern) return failure(new TrustError("INPUT_INVALID", "the pattern is too long"));
    const wanted = pathPattern(pattern.replace(/^\.\//, ""));
    const found: string[] = [];
    const open = ["."];
    let seen = 0;
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      if (signal.aborted || seen > mostEntries || found.length >= mostMatches) break;
      for (const { path, kind } of await this.#below(folder)) {
        seen += 1;
        if (kind === "file" && wanted.matches(path)) found.push(path);
        if (kind === "directory" && wanted.leadsInto(path)) open.push(path);
      }
    }
    return ok(found.toSorted().slice(0, mostMatches));
  }

  /** Folders that vanish or may not be read count as empty. */
  async #below(folder: string): Promise<{ path: string; kind: Entry["kind"] }[]> {
    const target = await this.#workspace.resolve(folder, "read");
    const entries = target.ok ? await this.#entries(target.value) : target;
    if (!entries.ok) return [];
    return entries.value.map(({ name, kind }) => ({ path: folder === "." ? name : `${folder}/${name}`, kind }));
  }

  async #entries({ path, name }: ResolvedPath): Promise<Result<Entry[]>> {
    try {
      const all = await readdir(path, { withFileTypes: true });
      const entries = all.flatMap((entry): Entry[] => {
        const below = name === "." ? entry.name : `${name}/${entry.name}`;
        if (entry.isFile() && this.#isReadable(below)) return [{ name: entry.name, kind: "file" }];
        return entry.isDirectory() && this.#isOpen(below) ? [{ name: entry.name, kind: "directory" }] : [];
      });
      return ok(entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
    } catch (error) {
      return failure(fileError(error, name, "read"));
    }
  }

  #isReadable(name: string): boolean {
    return this.#granted.some((pattern) => pattern.matches(name)) && this.#mayRead(name);
  }

  #isOpen(name: string): boolean {
    return this.#granted.some((pattern) => pattern.leadsInto(name)) && this.#mayRead(name);
  }

  #refusal(name: string): TrustError {
    const isNamed = this.#granted.some((pattern) => pattern.matches(name) || pattern.leadsInto(name));
    const reason = isNamed ? "a rule of the person denies it" : "the plugin's manifest does not name it";
    return new TrustError("REFUSED", `${name} may not be read: ${reason}`);
  }
}
