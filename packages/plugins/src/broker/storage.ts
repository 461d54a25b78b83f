import { createHash } from "node:crypto";
import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { failure, ok, parseJson, type Result, TrustError } from "@trust-cli/core/protocol";
import { fileError, systemCode } from "@trust-cli/core/workspace";
import * as z from "zod";

import { changeJsonFile, type JsonFile, readJsonFile } from "../registry/json-file.ts";

export interface StoragePlace {
  /** The folder of the plugin's data, for all workspaces. */
  folder: string;
  /** Root of the workspace: each has a store of its own. */
  workspace: string;
  /** For all workspaces together; 0: no storage was granted. */
  megabytes: number;
}

const KeyAndValue = z.tuple([z.string(), z.unknown()]).optional();
type KeyAndValue = z.infer<typeof KeyAndValue>;

const mostKeys = 1000;
/** A key is at most 200 characters, of which JSON spells each with at most 6. */
const keyBytes = 2048;
const folderName = /^[0-9a-f]{32}$/;
const fileName = /^[0-9a-f]{32}\.json$/;
const dataName = "the plugin's data";

/** What a plugin keeps: a folder for each workspace, in it a JSON file for each key. */
export class PluginStore {
  readonly #place: StoragePlace;
  readonly #folder: string;
  /** Bytes by path, for all workspaces. Read once: a store serves one call. */
  #sizes: Promise<Map<string, number>> | undefined;

  constructor(place: StoragePlace) {
    this.#place = place;
    this.#folder = join(place.folder, shortHash(place.workspace));
  }

  get(key: string): Promise<Result<unknown>> {
    return this.#granted(async () => {
      const pair = await readJsonFile(this.#file(key));
      return pair.ok ? ok(pair.value?.[1]) : pair;
    });
  }

  list(): Promise<Result<string[]>> {
    return this.#granted(async () => {
      const keys: string[] = [];
      for (const name of await namesIn(this.#folder)) {
        if (fileName.test(name)) keys.push(await keyIn(join(this.#folder, name)));
      }
      return ok(keys.toSorted());
    });
  }

  set(key: string, value: unknown): Promise<Result<undefined>> {
    return this.#granted(async () => {
      const file = this.#file(key);
      const pair: KeyAndValue = [key, value];
      const bytes = Buffer.byteLength(JSON.stringify(pair));
      const sizes = await (this.#sizes ??= sizesBelow(this.#place.folder));
      const before = sizes.get(file.path);
      const full = this.#refusal(sizes, bytes - (before ?? 0), before === undefined);
      if (full !== undefined) return failure(full);
      sizes.set(file.path, bytes);
      const changed = await changeJsonFile(file, () => ok(pair));
      return changed.ok ? ok(undefined) : changed;
    });
  }

  delete(key: string): Promise<Result<undefined>> {
    return this.#granted(async () => {
      const { path } = this.#file(key);
      await rm(path, { force: true });
      (await this.#sizes)?.delete(path);
      return ok(undefined);
    });
  }

  async #granted<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    if (this.#place.megabytes === 0) return failure(notGranted());
    try {
      return await work();
    } catch (error) {
      return failure(fileError(error, dataName, "read"));
    }
  }

  #file(key: string): JsonFile<KeyAndValue> {
    const path = join(this.#folder, `${shortHash(key)}.json`);
    return { path, name: dataName, schema: KeyAndValue, empty: undefined };
  }

  #refusal(sizes: ReadonlyMap<string, number>, more: number, isNew: boolean): TrustError | undefined {
    const used = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    const { megabytes } = this.#place;
    if (used + more > megabytes * 1_000_000) return full(`${megabytes} MB`);
    const keys = [...sizes.keys()].filter((path) => path.startsWith(this.#folder)).length;
    return isNew && keys >= mostKeys ? full(`${mostKeys} keys`) : undefined;
  }
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

const full = (size: string): TrustError => new TrustError("REFUSED", `the plugin's storage of ${size} is full`);

const notGranted = (): TrustError =>
  new TrustError("REFUSED", "the plugin's manifest asks for no storage (permissions.storageMB)");

/** The key stands first in its file, however large the value is. */
async function keyIn(path: string): Promise<string> {
  await using handle = await open(path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(keyBytes), 0, keyBytes, 0);
  const start = /^\["(?:[^"\\]|\\.)*"/.exec(buffer.toString("utf8", 0, bytesRead))?.[0] ?? "";
  const [key] = parseJson(`${start}]`, z.tuple([z.string()]), dataName, "STORAGE_FAILED");
  return key;
}

async function sizesBelow(folder: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const workspace of (await namesIn(folder)).filter((name) => folderName.test(name))) {
    for (const name of await namesIn(join(folder, workspace))) {
      const path = join(folder, workspace, name);
      if (fileName.test(name)) sizes.set(path, (await stat(path)).size);
    }
  }
  return sizes;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
