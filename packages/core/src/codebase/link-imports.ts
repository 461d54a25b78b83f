import { setImmediate as breathe } from "node:timers/promises";

import { readAliases } from "./import-aliases.ts";
import { PathFinder } from "./resolve-import.ts";
import { type IndexStore, numbersOf } from "./store.ts";

const filesAtOnce = 100;

/**
 * Looks up which files the imports name. `all`: of every file, when files came or went, since what an import
 * names may have changed; `new`: only of those that were just indexed.
 */
export async function linkImports(store: IndexStore, root: string, which: "all" | "new"): Promise<void> {
  const isAll = which === "all" && store.fact("needsLinks") === 1;
  const files = store.importing(isAll);
  if (files.length === 0 && !isAll) return;
  const paths = store.paths();
  const names = paths.map(({ path }) => path);
  const finder = new PathFinder(names, readAliases(root, names));
  const ids = new Map(paths.map(({ id, path }) => [path, id]));
  for (const [index, { file, path, imports, imported }] of files.entries()) {
    const found = imports.split("\n").flatMap((from) => finder.find(from, path));
    const targets = found.flatMap((target) => ids.get(target) ?? []);
    const now = Uint32Array.from(new Set(targets));
    if (imported === null || !isSame(numbersOf(imported), now)) {
      store.begin();
      store.setImported(file, now);
    }
    if (index % filesAtOnce === filesAtOnce - 1) await breathe();
  }
  if (isAll) store.setFact("needsLinks", 0);
}

const isSame = (a: Uint32Array, b: Uint32Array): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);
