import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { type KitStore, openKitStore, packKit, type PackedKit, parseReferences } from "../../src/modelkit/index.ts";

export interface Scratch extends AsyncDisposable {
  readonly path: string;
  /** Makes a folder with these files, for owner modes of 644 unless named. */
  folder(
    name: string,
    files: Readonly<Record<string, string | Buffer>>,
    modes?: Record<string, number>,
  ): Promise<string>;
  store(name?: string): Promise<KitStore>;
}

/** An empty folder that goes away at the end. */
export async function scratch(): Promise<Scratch> {
  const path = await mkdtemp(join(tmpdir(), "trust-kit-"));
  return {
    path,
    async folder(name, files, modes = {}) {
      const root = join(path, name);
      await mkdir(root, { recursive: true });
      for (const [file, content] of Object.entries(files)) {
        const target = join(root, file);
        await mkdir(dirname(target), { recursive: true, mode: 0o755 });
        await writeFile(target, content);
        await chmod(target, modes[file] ?? 0o644);
      }
      return root;
    },
    store: (name = "store") => openKitStore(join(path, name)),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export const never: AbortSignal = new AbortController().signal;

export function pack(store: KitStore, folder: string, reference = "kit:1"): Promise<PackedKit> {
  return packKit({ store, folder, references: parseReferences(reference), signal: never });
}

export const smallKit = {
  Kitfile:
    "manifestVersion: 1.0.0\npackage: {name: small, version: 1.10}\nmodel: {path: model.gguf, name: tiny}\ndocs:\n  - path: README.md\n",
  "model.gguf": "GGUF and the rest of it",
  "README.md": "# Small\n",
};
