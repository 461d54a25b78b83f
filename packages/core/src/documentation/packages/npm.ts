import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

import { entriesOf, filesOf, readBounded } from "../folder.ts";
import { jsonOf, textAt } from "../formats/json-text.ts";
import type { DocumentPlace } from "../place.ts";
import type { SourceFile } from "../source.ts";
import { type Ecosystem, type FoundPackage, isNoise, isTestFolder } from "./ecosystem.ts";

const document = /\.(?:md|mdx|markdown|rst|html?)$|(?:^|\/)readme(?:\.txt)?$|\.d\.[cm]?ts$/i;
const packageName = /^(?:@[\w.~-]+\/)?[\w.~-]+$/;

/** `node_modules` of the project and of the folders above it, with the types that others wrote for a package. */
export const npm: Ecosystem = {
  id: "npm",
  find: (name, place) => {
    if (!packageName.test(name) || name.startsWith(".")) return undefined;
    const folder = folderOf(name, place);
    const types = folderOf(`@types/${name.replace(/^@/, "").replace("/", "__")}`, place);
    if (folder === undefined) return types === undefined ? undefined : found(types, undefined);
    return found(folder, types);
  },
  names: function* (place) {
    for (const folder of npm.folders(place)) {
      for (const { name } of entriesOf(folder)) {
        if (!name.startsWith("@")) yield name;
        else for (const inner of entriesOf(join(folder, name))) yield `${name}/${inner.name}`;
      }
    }
  },
  folders: ({ root }) =>
    parentsOf(root)
      .map((folder) => join(folder, "node_modules"))
      .filter((folder) => existsSync(folder)),
};

function folderOf(name: string, place: DocumentPlace): string | undefined {
  const folder = npm
    .folders(place)
    .map((modules) => join(modules, name))
    .find((candidate) => existsSync(join(candidate, "package.json")));
  return folder === undefined ? undefined : realpathSync.native(folder);
}

function parentsOf(folder: string): string[] {
  const parents = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) parents.push(dirname(at));
  return parents;
}

function found(folder: string, types: string | undefined): FoundPackage {
  return {
    version: versionOf(folder),
    location: folder,
    files: (notes) => {
      const own = documentsOf(folder, notes);
      const hasTypes = own.some(({ path }) => isTypes(path));
      return hasTypes || types === undefined
        ? own
        : [...own, ...documentsOf(types, notes).map((file) => ({ ...file, path: `@types/${file.path}` }))];
    },
  };
}

const versionOf = (folder: string): string =>
  textAt(jsonOf(readBounded(join(folder, "package.json"))?.toString("utf8") ?? ""), "version");

const isTypes = (path: string): boolean => /\.d\.[cm]?ts$/.test(path);

/** Types that are there for each kind of module are read once. */
function documentsOf(folder: string, notes: string[]): SourceFile[] {
  const takes = (path: string): boolean => document.test(path) && !isNoise(path);
  const files = filesOf(folder, { takes, skips: isTestFolder }, notes);
  const paths = new Set(files.map(({ path }) => path));
  return files.filter(({ path }) => !/\.d\.[cm]ts$/.test(path) || !paths.has(path.replace(/\.d\.[cm]ts$/, ".d.ts")));
}
