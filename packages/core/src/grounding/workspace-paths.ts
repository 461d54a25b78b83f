import { runRipgrep } from "../tools/index.ts";
import { slashes, type Workspace } from "../workspace/index.ts";

/** The paths of a workspace from its root, with `/`, that ignore rules do not hide. */
export interface Paths {
  /** The last changed first. */
  files: ReadonlySet<string>;
  /** Every folder above a file; the root is `.`. */
  folders: ReadonlySet<string>;
}

const mostFiles = 300_000;
/** No model names longer ones, nor those that no line can hold. */
const longestPath = 400;
const endOfRecord = 0;

/** Undefined when the files cannot be listed. Another process does most of the work. */
async function listPaths(root: string, signal: AbortSignal): Promise<Paths | undefined> {
  const files = new Set<string>();
  const folders = new Set(["."]);
  const ended = await runRipgrep(
    {
      args: ["--files", "--sortr=modified"],
      cwd: root,
      delimiter: endOfRecord,
      recordBytes: longestPath * 4,
      onRecord: (record) => {
        if (isNameable(record)) addFile(slashes(record), { files, folders });
        return files.size < mostFiles;
      },
    },
    signal,
  );
  return ended.ok ? { files, folders } : undefined;
}

const isNameable = (path: string): boolean => path.length <= longestPath && !/[\p{Cc}\ufffd]/u.test(path);

function addFile(file: string, { files, folders }: { files: Set<string>; folders: Set<string> }): void {
  files.add(file);
  for (let end = file.lastIndexOf("/"); end > 0; end = file.lastIndexOf("/", end - 1)) {
    const folder = file.slice(0, end);
    if (folders.has(folder)) return;
    folders.add(folder);
  }
}

/** The paths of a workspace as they were after so many changes. */
export class LatestPaths {
  readonly #root: string;
  readonly #wait: number;
  #changes: number | undefined;
  #listed: Promise<Paths | undefined> = Promise.resolve(undefined);

  /** `wait`, in milliseconds, is the longest that anyone waits for a list. */
  constructor({ root }: Workspace, wait: number) {
    this.#root = root;
    this.#wait = wait;
  }

  /** Undefined when there is no list, or none yet. */
  async at(changes: number, signal: AbortSignal): Promise<Paths | undefined> {
    if (this.#changes !== changes) {
      this.#changes = changes;
      this.#listed = listPaths(this.#root, signal);
    }
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), this.#wait);
    try {
      return await Promise.race([this.#listed, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
