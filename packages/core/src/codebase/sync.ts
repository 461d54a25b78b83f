import { setImmediate as breathe } from "node:timers/promises";

import { TrustError } from "../protocol/errors.ts";
import type { SyncOptions, SyncResult } from "./answers.ts";
import { linkImports } from "./link-imports.ts";
import { listFiles } from "./list-files.ts";
import { isSameStamp, readSource, type Source, stampOf } from "./read-source.ts";
import type { IndexStore, StoredFile, TaggedSource } from "./store.ts";
import type { TagReader } from "./tag-reader.ts";

export interface SyncParts {
  root: string;
  store: IndexStore;
  reader: TagReader;
  /** Files that were indexed by `touchFiles` while this went on: what was read of them before is old. */
  touched: Set<string>;
}

/** Files that are being parsed at a time. */
const atOnce = 24;
const filesInTransaction = 800;
/** How long the event loop may be held, in milliseconds. */
const slice = 8;

/** Brings the index to what lies on disk now. What was indexed stays when it is interrupted or killed. */
export async function syncFiles(parts: SyncParts, options: SyncOptions): Promise<SyncResult> {
  const { root, store, touched } = parts;
  const { signal } = options;
  touched.clear();
  const listing = listFiles(root, signal);
  // While the lister runs; what it throws is thrown by the line after.
  const known = await Promise.race([listing, breathe()]).then(() => store.files());
  const unchanged = await unchangedFiles(known, root);
  const paths = await listing;
  const changed = paths.filter((path) => !unchanged.has(path));
  const gone = goneFiles(known, paths);
  const hasWork = changed.length + gone.length > 0;
  try {
    if (hasWork) store.setFact("isComplete", 0);
    await removeFiles(gone, store);
    await indexFiles(changed, parts, options);
    if (store.fact("isComplete") === 0 || store.fact("needsLinks") === 1) await linkImports(store, root, "all");
    if (store.fact("isComplete") === 0) store.setFact("isComplete", 1);
    store.commit();
  } catch (error) {
    keepWhatIsDone(store, error);
    throw error;
  }
  return { outcome: "synced", indexed: changed.length, removed: gone.length };
}

/** Indexes files at once, whatever was known of them. Those that are gone leave the index. */
export async function touchFiles(paths: readonly string[], { root, store, reader, touched }: SyncParts): Promise<void> {
  const isListed = await listedAmong(paths, root, store);
  const sources = await Promise.all(
    paths.filter(isListed).map(async (path) => {
      const source = readSource(root, path);
      return { path, source: source === undefined ? undefined : await tagged(source, reader) };
    }),
  );
  store.begin();
  for (const { path, source } of sources) {
    touched.add(path);
    const known = store.file(path);
    if (source !== undefined) store.put(source);
    else if (known !== undefined) store.remove(known);
  }
  await linkImports(store, root, "new");
  store.commit();
}

/** A path that is not in the index yet may be one that is ignored: only the list of all files tells. */
async function listedAmong(
  paths: readonly string[],
  root: string,
  store: IndexStore,
): Promise<(path: string) => boolean> {
  const isKnown = (path: string): boolean => store.file(path) !== undefined;
  if (paths.every(isKnown)) return isKnown;
  const listed = new Set(await listFiles(root));
  return (path) => listed.has(path) || isKnown(path);
}

async function unchangedFiles(known: ReadonlyMap<string, StoredFile>, root: string): Promise<Set<string>> {
  const unchanged = new Set<string>();
  let since = performance.now();
  for (const [path, stored] of known) {
    const stamp = stampOf(root, path);
    if (stamp !== undefined && isSameStamp(stored, stamp)) unchanged.add(path);
    if (performance.now() - since < slice) continue;
    await breathe();
    since = performance.now();
  }
  return unchanged;
}

function goneFiles(known: ReadonlyMap<string, StoredFile>, paths: readonly string[]): StoredFile[] {
  const listed = new Set(paths);
  return [...known.values()].filter(({ path }) => !listed.has(path));
}

async function removeFiles(files: readonly StoredFile[], store: IndexStore): Promise<void> {
  for (const [index, file] of files.entries()) {
    store.begin();
    store.remove(file);
    if (index % 100 === 99) await breathe();
  }
  store.commit();
}

/** Files are parsed side by side and stored in their order, so that equal trees give equal indexes. */
async function indexFiles(paths: readonly string[], parts: SyncParts, options: SyncOptions): Promise<void> {
  const { signal, onProgress } = options;
  const underway: Promise<Prepared>[] = [];
  let done = 0;
  const finishOne = async (): Promise<void> => {
    const next = underway.shift();
    if (next !== undefined) store(await next, parts);
    done++;
    if (done % filesInTransaction === 0) parts.store.commit();
    await breathe();
    if (done % 25 === 0 || done === paths.length) onProgress?.({ done, total: paths.length });
  };
  try {
    for (const path of paths) {
      if (signal?.aborted === true) throw new TrustError("INTERRUPTED", "interrupted by the person");
      underway.push(prepare(path, parts, signal));
      if (underway.length >= atOnce) await finishOne();
    }
    while (underway.length > 0) await finishOne();
  } finally {
    await Promise.allSettled(underway);
  }
}

interface Prepared {
  path: string;
  source: Source | undefined;
  /** Undefined when the content is what the index knows already. */
  file: TaggedSource | undefined;
}

async function prepare(
  path: string,
  { root, store: index, reader }: SyncParts,
  signal?: AbortSignal,
): Promise<Prepared> {
  const source = readSource(root, path);
  const known = index.file(path);
  const isKnown = source !== undefined && known?.digest === source.digest && known.content === source.content;
  if (source === undefined || isKnown) return { path, source, file: undefined };
  return { path, source, file: await tagged(source, reader, signal) };
}

function store({ path, source, file }: Prepared, { store: index, touched }: SyncParts): void {
  if (touched.has(path)) return;
  index.begin();
  const known = index.file(path);
  if (file !== undefined) index.put(file);
  else if (known !== undefined && source !== undefined) index.restamp(known.id, source.stamp);
  else if (known !== undefined) index.remove(known);
}

async function tagged(source: Source, reader: TagReader, signal?: AbortSignal): Promise<TaggedSource> {
  if (source.content !== "text") return { ...source, tags: undefined };
  return { ...source, tags: await reader.read(source.path, source.text, signal) };
}

/** Half a file is never stored: a file is put by one synchronous call. */
function keepWhatIsDone(store: IndexStore, error: unknown): void {
  if (error instanceof TrustError || (error as Error).name === "AbortError") store.commit();
  else store.rollback();
}
