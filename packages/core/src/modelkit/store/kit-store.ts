import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { TrustError } from "../../protocol/errors.ts";
import { oneLine } from "../../protocol/words.ts";
import { guarded } from "../../storage/database.ts";
import { makePrivateFolder } from "../../storage/private-folder.ts";
import { parseConfigJson } from "../kitfile/config-json.ts";
import type { Kitfile } from "../kitfile/shape.ts";
import { type Descriptor, largestConfig, largestManifest, type Manifest, parseManifest } from "../manifest.ts";
import {
  defaultRegistry,
  formatReference,
  formatRepository,
  type KitReference,
  namesAnyRepository,
  parseReference,
  repositoryName,
} from "../reference.ts";
import { type Collected, collectBlobs } from "./collect.ts";
import { isMissing, sizeOf, storeError, withLock } from "./files.ts";
import {
  readAllManifests,
  readRepositories,
  readRepository,
  type RepositoryIndex,
  writeAllManifests,
  writeRepository,
} from "./index-files.ts";
import { blobPath, digestOf, storeLock, StoreWork } from "./work.ts";

/** A kit of the store, read and checked as far as its manifest and config. */
export interface Kit {
  reference: string;
  descriptor: Descriptor;
  manifest: Manifest;
  kitfile: Kitfile;
}

/**
 * A line of `trust kit list`. `tags` is empty for a kit whose tags moved on to another, `digest` for a repository of
 * which a file is broken.
 */
export interface StoredKit {
  repository: string;
  tags: string[];
  digest: string;
  name: string | undefined;
  version: string | undefined;
  /** Bytes of all its blobs. */
  size: number;
  /** Why the kit cannot be used. */
  problem?: string;
}

export interface RemovedName extends Collected {
  digest: string;
  /** No name is left: what was made of the kit may go too. */
  isGone: boolean;
}

const layoutText = '{"imageLayoutVersion":"1.0.0"}';

/** Opens the store in a folder, which is made when it is not there. */
export async function openKitStore(root: string): Promise<KitStore> {
  guarded(root, () => makePrivateFolder(join(root, "blobs", "sha256")));
  const layout = join(root, "oci-layout");
  try {
    if ((await sizeOf(layout)) !== layoutText.length) await writeFile(layout, layoutText);
  } catch (cause) {
    throw storeError(layout, cause);
  }
  return new KitStore(root);
}

/**
 * Kits on this machine: an OCI image layout, with an index and tags for each repository as `kit` has them. Several
 * processes may use it at once.
 */
export class KitStore {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  blobPath(digest: string): string {
    return blobPath(this.root, digest);
  }

  beginWork(signal: AbortSignal): Promise<StoreWork> {
    return StoreWork.begin(this.root, signal);
  }

  /** Throws KIT_MISSING when no kit has that name, and KIT_CORRUPT when that is not known. */
  async resolve(text: string): Promise<Descriptor> {
    const reference = parseReference(text);
    const found = await this.find(reference);
    if (found !== undefined) return found;
    const name = formatReference(reference);
    throw new TrustError("KIT_MISSING", `there is no kit ${name} on this machine`, {
      hint: reference.registry === defaultRegistry ? "trust kit list shows those that are" : `trust kit pull ${name}`,
    });
  }

  async find(reference: KitReference): Promise<Descriptor | undefined> {
    if (namesAnyRepository(reference)) {
      return (await readAllManifests(this.root)).find(({ digest }) => digest === reference.digest);
    }
    const repository = await readRepository(this.root, repositoryName(reference));
    const found = named(repository, reference);
    if (found !== undefined || repository.problem === undefined) return found;
    throw new TrustError("KIT_CORRUPT", repository.problem, {
      hint: "pull or pack the kit again, which writes the file anew",
    });
  }

  /** The manifest and Kitfile of a kit, each checked against its digest. */
  async read(text: string): Promise<Kit> {
    const descriptor = await this.resolve(text);
    return { reference: formatReference(parseReference(text)), ...(await this.readDescriptor(descriptor)) };
  }

  /** Reads a small blob and checks it. Throws KIT_CORRUPT when it is missing or not what its digest says. */
  async readText({ digest, size }: Descriptor, largest: number): Promise<string> {
    if (size > largest) throw new TrustError("KIT_CORRUPT", `${digest} is too large for what it should be`);
    try {
      const bytes = await readFile(this.blobPath(digest));
      if (bytes.length === size && digestOf(bytes) === digest) return bytes.toString("utf8");
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    throw corrupt(digest, "is damaged or missing");
  }

  async list(): Promise<StoredKit[]> {
    const repositories = await readRepositories(this.root);
    const rows = repositories.map(async (repository) => [
      ...(await Promise.all(repository.manifests.map((one) => this.#row(repository, one)))),
      ...problemRow(repository),
    ]);
    return (await Promise.all(rows)).flat();
  }

  /** Makes a manifest, whose blobs are all there, known under these names. */
  async add(references: readonly KitReference[], descriptor: Descriptor, signal: AbortSignal): Promise<void> {
    await withLock(storeLock(this.root), signal, async () => {
      await writeAllManifests(this.root, withManifest(await readAllManifests(this.root), descriptor));
      for (const reference of references) {
        const repository = await readRepository(this.root, repositoryName(reference));
        const tags = reference.tag === undefined ? {} : { [reference.tag]: descriptor };
        await writeRepository(this.root, {
          ...repository,
          manifests: withManifest(repository.manifests, descriptor),
          tags: { ...repository.tags, ...tags },
        });
      }
    });
  }

  /**
   * Takes a name away; a kit without any other name goes, and with it what only it needs. Blobs stay while another
   * process packs or pulls, until the next removal.
   */
  async remove(text: string, signal: AbortSignal): Promise<RemovedName> {
    const reference = parseReference(text);
    try {
      return await withLock(storeLock(this.root), signal, () => this.#remove(text, reference));
    } catch (cause) {
      throw storeError(this.root, cause);
    }
  }

  async #remove(text: string, reference: KitReference): Promise<RemovedName> {
    const named = namesAnyRepository(reference) ? [] : [await readRepository(this.root, repositoryName(reference))];
    for (const one of named) if (one.problem !== undefined) await writeRepository(this.root, one);
    const { digest } = await this.resolve(text);
    for (const repository of namesAnyRepository(reference) ? await readRepositories(this.root) : named) {
      const changed = without(repository, digest, reference.tag);
      if (changed !== undefined) await writeRepository(this.root, changed);
    }
    const left = (await readRepositories(this.root)).flatMap(({ manifests }) => manifests);
    const isGone = !left.some((one) => one.digest === digest);
    const all = await readAllManifests(this.root);
    await writeAllManifests(
      this.root,
      all.filter((one) => one.digest !== digest || !isGone),
    );
    const readManifest = (descriptor: Descriptor): Promise<Manifest> => this.#readManifest(descriptor);
    return { digest, isGone, ...(await collectBlobs(this.root, readManifest)) };
  }

  async #readManifest(descriptor: Descriptor): Promise<Manifest> {
    return parseManifest(await this.readText(descriptor, largestManifest), `manifest ${descriptor.digest}`);
  }

  async readDescriptor(descriptor: Descriptor): Promise<Pick<Kit, "descriptor" | "manifest" | "kitfile">> {
    const manifest = await this.#readManifest(descriptor);
    const config = await this.readText(manifest.config, largestConfig);
    return { descriptor, manifest, kitfile: parseConfigJson(config, `config ${manifest.config.digest}`) };
  }

  async #row({ name, tags }: RepositoryIndex, descriptor: Descriptor): Promise<StoredKit> {
    const found = Object.keys(tags).filter((tag) => tags[tag]?.digest === descriptor.digest);
    const row = { repository: formatRepository(name), tags: found, digest: descriptor.digest };
    const read = await this.readDescriptor(descriptor).catch((error: unknown) => {
      if (error instanceof TrustError) return error;
      throw error;
    });
    if (read instanceof TrustError) {
      return { ...row, name: undefined, version: undefined, size: descriptor.size, problem: read.message };
    }
    const { manifest, kitfile } = read;
    const blobs = new Map([descriptor, manifest.config, ...manifest.layers].map(({ digest, size }) => [digest, size]));
    return {
      ...row,
      name: lineOf(kitfile.package.name ?? kitfile.model?.name),
      version: lineOf(kitfile.package.version),
      size: [...blobs.values()].reduce((sum, size) => sum + size, 0),
    };
  }
}

const lineOf = (text: string | undefined): string | undefined => (text === undefined ? undefined : oneLine(text));

/** The line of a repository of which not all is known. It has no digest. */
function problemRow({ name, problem }: RepositoryIndex): StoredKit[] {
  if (problem === undefined) return [];
  const repository = formatRepository(name);
  return [{ repository, tags: [], digest: "", name: undefined, version: undefined, size: 0, problem }];
}

function named({ manifests, tags }: RepositoryIndex, { tag = "latest", digest }: KitReference): Descriptor | undefined {
  if (digest !== undefined) return manifests.find((one) => one.digest === digest);
  return Object.hasOwn(tags, tag) ? tags[tag] : undefined;
}

function withManifest(manifests: readonly Descriptor[], descriptor: Descriptor): Descriptor[] {
  return manifests.some(({ digest }) => digest === descriptor.digest) ? [...manifests] : [...manifests, descriptor];
}

/** Undefined when nothing changes. Without a tag, every tag of the digest goes. */
function without(repository: RepositoryIndex, digest: string, tag: string | undefined): RepositoryIndex | undefined {
  if (!repository.manifests.some((one) => one.digest === digest)) return undefined;
  const tags = Object.fromEntries(
    Object.entries(repository.tags).filter(
      ([name, one]) => one.digest !== digest || (tag !== undefined && name !== tag),
    ),
  );
  const isNamed = Object.values(tags).some((one) => one.digest === digest);
  const manifests = repository.manifests.filter((one) => isNamed || one.digest !== digest);
  return { ...repository, tags, manifests };
}

export function corrupt(digest: string, why: string): TrustError {
  return new TrustError("KIT_CORRUPT", `the blob ${digest} ${why}`, {
    hint: "pull or pack the kit again, which replaces what is damaged",
  });
}
