import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { failure, ok, type Result, TrustError } from "@trust-cli/core/protocol";
import { fileError } from "@trust-cli/core/workspace";
import * as z from "zod";

import { permissionsHash, PluginManifest } from "../manifest/index.ts";
import { type PluginBundle, readBundle, writeBundle } from "./bundle.ts";
import { changeJsonFile, type JsonFile, readJsonFile } from "./json-file.ts";
import { withLock } from "./lock.ts";

/** `digest` is of the files as they were installed or approved, and names the folder that holds them. */
const version = { digest: z.string().regex(/^[0-9a-f]{64}$/), manifest: PluginManifest };

const Installed = z.strictObject({
  ...version,
  approved: z.strictObject({ digest: z.string(), permissions: z.string() }).optional(),
  /** A version that waits for approval, while the approved one stays in use. */
  update: z.strictObject(version).optional(),
});
export type InstalledPlugin = z.infer<typeof Installed>;

const Index = z.strictObject({
  version: z.literal(1),
  plugins: z.array(Installed),
  /** How often the code with this digest took the plugin host down. */
  strikes: z.record(z.string(), z.int()),
});
type Index = z.infer<typeof Index>;

/** `changed`: what was approved is not what is installed now. `disabled`: it crashed the plugin host too often. */
export type PluginState = "approved" | "waiting" | "changed" | "disabled";

export const strikesUntilDisabled = 3;

/** Nobody takes this long to write a plugin's files: they are of a process that was killed. */
const abandonedMilliseconds = 10 * 60_000;
const stagingName = /^\.new-[0-9a-f-]{36}$/;

/**
 * The plugins that a person installed, in a folder of their own: one small index, which is all that a start reads, the
 * code of each version below `code`, and what the plugins keep below `data`.
 */
export class PluginRegistry {
  readonly #folder: string;
  readonly #index: JsonFile<Index>;

  constructor(folder: string) {
    const path = join(folder, "index.json");
    this.#folder = folder;
    this.#index = {
      path,
      name: path,
      schema: Index,
      empty: { version: 1, plugins: [], strikes: {} },
      hint: `move ${path} away, then install your plugins again`,
    };
  }

  async read(): Promise<Result<Index>> {
    return readJsonFile(this.#index);
  }

  storageFolder(id: string): string {
    return join(this.#folder, "data", folderName(id));
  }

  /** Where the files of one version are; by default of the one in use. */
  codeFolder({ manifest, digest }: Pick<InstalledPlugin, "manifest" | "digest">): string {
    return join(this.#codeOf(manifest.id), digest);
  }

  /** The files as they are now; fails with REFUSED when they are not those that were approved. */
  async load(plugin: InstalledPlugin): Promise<Result<PluginBundle>> {
    const bundle = await readBundle(this.codeFolder(plugin));
    if (bundle.ok && bundle.value.digest === plugin.approved?.digest) return bundle;
    const { id } = plugin.manifest;
    const why = bundle.ok ? "its files were changed since they were approved" : bundle.error.message;
    return failure(
      new TrustError("REFUSED", `the plugin ${id} was not run: ${why}`, { hint: `trust plugin approve ${id}` }),
    );
  }

  /** Copies the files in. Approval is a step of its own, and until then an approved version stays in use. */
  async install(bundle: PluginBundle): Promise<Result<InstalledPlugin>> {
    const { manifest, digest } = bundle;
    return this.#store(bundle, (before) => {
      if (before === undefined || stateOf(before, {}) !== "approved") return { digest, manifest };
      const { update: _, ...inUse } = before;
      return before.digest === digest ? inUse : { ...inUse, update: { digest, manifest } };
    });
  }

  /** Takes the bundle into use, and binds the approval to its files. Strikes are forgotten. */
  async approve(bundle: PluginBundle): Promise<Result<InstalledPlugin>> {
    const { manifest, digest } = bundle;
    const approved = { digest, permissions: permissionsHash(manifest) };
    return this.#store(bundle, () => ({ digest, manifest, approved }), [digest]);
  }

  /** Takes the files, the approval, and what the plugin stored. */
  async remove(id: string): Promise<Result<InstalledPlugin>> {
    const found = await this.find(id);
    if (!found.ok) return found;
    return this.#alone(async () => {
      const changed = await changeJsonFile(this.#index, (index) =>
        ok({ ...index, plugins: index.plugins.filter((one) => one.manifest.id !== id) }),
      );
      if (!changed.ok) return changed;
      await rm(this.#codeOf(id), { recursive: true, force: true });
      await rm(this.storageFolder(id), { recursive: true, force: true });
      return found;
    });
  }

  async find(id: string): Promise<Result<InstalledPlugin>> {
    const index = await this.read();
    if (!index.ok) return index;
    const plugin = index.value.plugins.find((one) => one.manifest.id === id);
    if (plugin !== undefined) return ok(plugin);
    const hint = "trust plugin list";
    return failure(new TrustError("PLUGIN_UNKNOWN", `no plugin ${id} is installed`, { hint }));
  }

  /** Counts a crash for the code with this digest, and gives the new count. */
  async strike(digest: string): Promise<Result<number>> {
    return this.#alone(async () => {
      const changed = await changeJsonFile(this.#index, (index) =>
        ok({ ...index, strikes: { ...index.strikes, [digest]: (index.strikes[digest] ?? 0) + 1 } }),
      );
      return changed.ok ? ok(changed.value.strikes[digest] ?? 0) : changed;
    });
  }

  /** Puts the files in their place, then changes the index, then drops the versions that it no longer names. */
  async #store(
    bundle: PluginBundle,
    change: (before: InstalledPlugin | undefined) => InstalledPlugin,
    forgiven: readonly string[] = [],
  ): Promise<Result<InstalledPlugin>> {
    const { id } = bundle.manifest;
    return this.#alone(async () => {
      await this.#sweep();
      await this.#place(bundle);
      const changed = await changeJsonFile(this.#index, (index) => {
        const others = index.plugins.filter((one) => one.manifest.id !== id);
        const plugin = change(index.plugins.find((one) => one.manifest.id === id));
        const strikes = Object.fromEntries(Object.entries(index.strikes).filter(([key]) => !forgiven.includes(key)));
        return ok({ ...index, plugins: [...others, plugin], strikes });
      });
      if (!changed.ok) return changed;
      const found = await this.find(id);
      if (found.ok) await this.#keepOnly(found.value);
      return found;
    });
  }

  async #place(bundle: PluginBundle): Promise<void> {
    const target = this.codeFolder(bundle);
    const there = await readBundle(target);
    if (there.ok && there.value.digest === bundle.digest) return;
    const staging = join(this.#folder, `.new-${randomUUID()}`);
    try {
      await mkdir(staging, { recursive: true, mode: 0o700 });
      await writeBundle(bundle, staging);
      await rm(target, { recursive: true, force: true });
      await mkdir(this.#codeOf(bundle.manifest.id), { recursive: true, mode: 0o700 });
      await rename(staging, target);
    } finally {
      await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /** Removes what processes left that were killed while they wrote files. */
  async #sweep(): Promise<void> {
    for (const name of (await readdir(this.#folder)).filter((one) => stagingName.test(one))) {
      const path = join(this.#folder, name);
      const entry = await stat(path);
      if (Date.now() - entry.mtimeMs > abandonedMilliseconds) await rm(path, { recursive: true, force: true });
    }
  }

  async #keepOnly({ manifest, digest, update }: InstalledPlugin): Promise<void> {
    const home = this.#codeOf(manifest.id);
    for (const name of await readdir(home)) {
      if (name !== digest && name !== update?.digest) await rm(join(home, name), { recursive: true, force: true });
    }
  }

  /** Changes files and index while no other process does. */
  async #alone<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      return await withLock(join(this.#folder, "index.lock"), work);
    } catch (error) {
      const told = fileError(error, this.#folder, "write");
      const hint = told.hint ?? `see that ${this.#folder} is a folder that you may write to`;
      return failure(new TrustError(told.code, told.message, { hint, cause: error }));
    }
  }

  #codeOf(id: string): string {
    return join(this.#folder, "code", folderName(id));
  }
}

export function stateOf(plugin: InstalledPlugin, strikes: Readonly<Record<string, number>>): PluginState {
  const { approved, digest, manifest } = plugin;
  if (approved === undefined) return "waiting";
  if (approved.digest !== digest || approved.permissions !== permissionsHash(manifest)) return "changed";
  return (strikes[digest] ?? 0) >= strikesUntilDisabled ? "disabled" : "approved";
}

const folderName = (id: string): string => id.replace("/", "+");
