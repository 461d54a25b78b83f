import { rm } from "node:fs/promises";
import { join } from "node:path";

import { TrustError } from "../../protocol/errors.ts";
import type { Descriptor, Manifest } from "../manifest.ts";
import { formatRepository } from "../reference.ts";
import { namesIn, sizeOf } from "./files.ts";
import { readAllManifests, readRepositories, type RepositoryIndex } from "./index-files.ts";
import { clearAbandoned } from "./work.ts";

export interface Collected {
  freedBytes: number;
  /** Which damage kept unneeded blobs where they are. */
  warnings: string[];
}

/**
 * Removes blobs that no manifest of any index reaches, under the store's lock. A manifest or an index that cannot be
 * read might need any blob: then all stay.
 */
export async function collectBlobs(
  root: string,
  readManifest: (descriptor: Descriptor) => Promise<Manifest>,
): Promise<Collected> {
  const { othersWork } = await clearAbandoned(root);
  if (othersWork) return { freedBytes: 0, warnings: [] };
  const repositories = await readRepositories(root);
  const warnings = repositories.flatMap(({ name, problem }) => (problem === undefined ? [] : [stays(name, problem)]));
  const reachable = new Set<string>();
  for (const [digest, descriptor] of await everyManifest(root, repositories)) {
    reachable.add(digest);
    try {
      const { config, layers } = await readManifest(descriptor);
      for (const blob of [config, ...layers]) reachable.add(blob.digest);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      warnings.push(stays(nameOf(digest, repositories), error.message));
    }
  }
  return { freedBytes: warnings.length === 0 ? await removeOthers(root, reachable) : 0, warnings };
}

const stays = (name: string, problem: string): string =>
  `nothing was freed, because ${formatRepository(name)} is damaged: ${problem}; pull, pack or remove it`;

function nameOf(digest: string, repositories: readonly RepositoryIndex[]): string {
  for (const { name, manifests, tags } of repositories) {
    const tag = Object.keys(tags).find((one) => tags[one]?.digest === digest);
    if (tag !== undefined) return `${name}:${tag}`;
    if (manifests.some((one) => one.digest === digest)) return `${name}@${digest}`;
  }
  return digest;
}

async function everyManifest(root: string, repositories: readonly RepositoryIndex[]): Promise<Map<string, Descriptor>> {
  const named = repositories.flatMap(({ manifests, tags }) => [...manifests, ...Object.values(tags)]);
  return new Map([...(await readAllManifests(root)), ...named].map((one) => [one.digest, one]));
}

async function removeOthers(root: string, reachable: ReadonlySet<string>): Promise<number> {
  const folder = join(root, "blobs", "sha256");
  let freed = 0;
  for (const name of await namesIn(folder)) {
    if (reachable.has(`sha256:${name}`)) continue;
    const path = join(folder, name);
    freed += (await sizeOf(path)) ?? 0;
    await rm(path, { force: true });
  }
  return freed;
}
