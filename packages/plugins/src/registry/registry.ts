import { randomUUID } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { failure, ok, type Result, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

import { permissionsHash, PluginManifest } from "../manifest/index.ts";
import { type PluginBundle, readBundle, writeBundle } from "./bundle.ts";
import { changeJsonFile, type JsonFile, readJsonFile } from "./json-file.ts";

const Installed = z.strictObject({
  /** Of the files as they were installed or last approved. */
  digest: z.string(),
  /** The folder that holds them, below that of the plugin. */
  folder: z.string().regex(/^[0-9a-f]{64}$/),
  manifest: PluginManifest,
  approved: z.strictObject({ digest: z.string(), permissions: z.string() }).optional(),
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

/** The plugins that a person installed, in a folder of their own with one small index, which is all that a start reads. */
export class PluginRegistry {
  readonly #folder: string;
  readonly #index: JsonFile<Index>;

  constructor(folder: string) {
    this.#folder = folder;
    this.#index = {
      path: join(folder, "index.json"),
      name: join(folder, "index.json"),
      schema: Index,
      empty: { version: 1, plugins: [], strikes: {} },
    };
  }

  async read(): Promise<Result<Index>> {
    return readJsonFile(this.#index);
  }

  storageFolder(id: string): string {
    return join(this.#folder, "data", folderName(id));
  }

  codeFolder({ manifest, folder }: InstalledPlugin): string {
    return join(this.#folder, folderName(manifest.id), folder);
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

  /** Copies the files in; an earlier version goes. Approval is a step of its own. */
  async install(bundle: PluginBundle): Promise<Result<InstalledPlugin>> {
    const { manifest, digest } = bundle;
    const home = join(this.#folder, folderName(manifest.id));
    const staging = join(this.#folder, `.new-${randomUUID()}`);
    try {
      await mkdir(staging, { recursive: true, mode: 0o700 });
      await writeBundle(bundle, staging);
      await rm(join(home, digest), { recursive: true, force: true });
      await mkdir(home, { recursive: true, mode: 0o700 });
      await rename(staging, join(home, digest));
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
    const before = await this.find(manifest.id);
    const earlier = before.ok ? before.value : undefined;
    const plugin = { digest, folder: digest, manifest, approved: earlier?.approved };
    const changed = await this.#put(plugin);
    if (!changed.ok) return changed;
    if (earlier !== undefined && earlier.folder !== digest) {
      await rm(this.codeFolder(earlier), { recursive: true, force: true });
    }
    return ok(plugin);
  }

  /** Binds the approval to the files as `bundle` holds them. Strikes are forgotten. */
  async approve(plugin: InstalledPlugin, { manifest, digest }: PluginBundle): Promise<Result<InstalledPlugin>> {
    const approved = { digest, permissions: permissionsHash(manifest) };
    const now = { ...plugin, manifest, digest, approved };
    const done = await this.#put(now, [digest]);
    return done.ok ? ok(now) : done;
  }

  /** Takes the files and the approval; with `data`, also what the plugin stored. */
  async remove(id: string): Promise<Result<InstalledPlugin>> {
    const found = await this.find(id);
    if (!found.ok) return found;
    const changed = await changeJsonFile(this.#index, (index) =>
      ok({ ...index, plugins: index.plugins.filter((one) => one.manifest.id !== id) }),
    );
    if (!changed.ok) return changed;
    await rm(join(this.#folder, folderName(id)), { recursive: true, force: true });
    await rm(this.storageFolder(id), { recursive: true, force: true });
    return found;
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
    const changed = await changeJsonFile(this.#index, (index) =>
      ok({ ...index, strikes: { ...index.strikes, [digest]: (index.strikes[digest] ?? 0) + 1 } }),
    );
    return changed.ok ? ok(changed.value.strikes[digest] ?? 0) : changed;
  }

  async #put(plugin: InstalledPlugin, forgiven: readonly string[] = []): Promise<Result<Index>> {
    return changeJsonFile(this.#index, (index) => {
      const others = index.plugins.filter((one) => one.manifest.id !== plugin.manifest.id);
      const strikes = Object.fromEntries(Object.entries(index.strikes).filter(([key]) => !forgiven.includes(key)));
      return ok({ ...index, plugins: [...others, plugin], strikes });
    });
  }
}

export function stateOf(plugin: InstalledPlugin, strikes: Readonly<Record<string, number>>): PluginState {
  const { approved, digest, manifest } = plugin;
  if (approved === undefined) return "waiting";
  if (approved.digest !== digest || approved.permissions !== permissionsHash(manifest)) return "changed";
  return (strikes[digest] ?? 0) >= strikesUntilDisabled ? "disabled" : "approved";
}

const folderName = (id: string): string => id.replace("/", "+");
