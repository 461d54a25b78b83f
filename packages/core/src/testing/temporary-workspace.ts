import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A real folder that is removed when it is disposed. Paths are relative to it, with forward slashes. */
export interface TemporaryWorkspace extends AsyncDisposable {
  readonly path: string;
  write(file: string, content: string): Promise<void>;
  read(file: string): Promise<string>;
}

/** Makes a folder with these files in it. */
export async function temporaryWorkspace(files: Readonly<Record<string, string>> = {}): Promise<TemporaryWorkspace> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "trust-workspace-")));
  const workspace: TemporaryWorkspace = {
    path,
    async write(file, content) {
      const target = join(path, file);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    },
    read: (file) => readFile(join(path, file), "utf8"),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
  for (const [file, content] of Object.entries(files)) await workspace.write(file, content);
  return workspace;
}
