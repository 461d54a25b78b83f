import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { failure, ok, type Result, TrustError } from "@trust-cli/core/protocol";
import { systemCode } from "@trust-cli/core/workspace";
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

const Pairs = z.array(z.tuple([z.string(), z.unknown()]));
type Pairs = z.infer<typeof Pairs>;

/** What a plugin keeps, one JSON file a workspace. */
export class PluginStore {
  readonly #place: StoragePlace;
  readonly #file: JsonFile<Pairs>;

  constructor(place: StoragePlace) {
    this.#place = place;
    const name = createHash("sha256").update(place.workspace).digest("hex").slice(0, 16);
    this.#file = { path: join(place.folder, `${name}.json`), name: "the plugin's data", schema: Pairs, empty: [] };
  }

  async get(key: string): Promise<Result<unknown>> {
    const pairs = await this.#read();
    return pairs.ok ? ok(new Map(pairs.value).get(key)) : pairs;
  }

  async list(): Promise<Result<string[]>> {
    const pairs = await this.#read();
    return pairs.ok ? ok(pairs.value.map(([key]) => key).toSorted()) : pairs;
  }

  async set(key: string, value: unknown): Promise<Result<undefined>> {
    if (this.#place.megabytes === 0) return failure(notGranted());
    const elsewhere = await this.#bytesElsewhere();
    const limit = this.#place.megabytes * 1_000_000 - elsewhere;
    return withoutValue(
      await changeJsonFile(this.#file, (pairs) => {
        const changed: Pairs = [...new Map(pairs).set(key, value)];
        return Buffer.byteLength(JSON.stringify(changed)) > limit ? failure(this.#full()) : ok(changed);
      }),
    );
  }

  async delete(key: string): Promise<Result<undefined>> {
    if (this.#place.megabytes === 0) return failure(notGranted());
    return withoutValue(await changeJsonFile(this.#file, (pairs) => ok(pairs.filter(([one]) => one !== key))));
  }

  async #read(): Promise<Result<Pairs>> {
    return this.#place.megabytes === 0 ? failure(notGranted()) : readJsonFile(this.#file);
  }

  async #bytesElsewhere(): Promise<number> {
    let bytes = 0;
    for (const name of await namesIn(this.#place.folder)) {
      const path = join(this.#place.folder, name);
      if (path !== this.#file.path) bytes += (await stat(path)).size;
    }
    return bytes;
  }

  #full(): TrustError {
    return new TrustError("REFUSED", `the plugin's storage of ${this.#place.megabytes} MB is full`);
  }
}

const withoutValue = (result: Result<unknown>): Result<undefined> => (result.ok ? ok(undefined) : result);

const notGranted = (): TrustError =>
  new TrustError("REFUSED", "the plugin's manifest asks for no storage (permissions.storageMB)");

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
