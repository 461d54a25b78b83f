import { existsSync } from "node:fs";
import { join } from "node:path";

import { entriesOf, filesOf, readBounded } from "../folder.ts";
import { type DocumentPlace, folderOf } from "../place.ts";
import { compareVersions, type Ecosystem, type FoundPackage, isNoise, isTestFolder } from "./ecosystem.ts";

const document = /\.(?:md|go)$|(?:^|\/)readme(?:\.txt)?$/i;
const deepest = 8;

interface Module {
  path: string;
  version: string;
  folder: string;
}

/** Go's module cache and the project's `vendor` folder; of several versions the one in `go.mod`, or the latest. */
export const go: Ecosystem = {
  id: "go",
  find: (name, place) => {
    const vendored = join(place.root, "vendor", name);
    const isPath = /^[\w.~/-]+$/.test(name) && !name.split("/").includes("..");
    if (isPath && existsSync(join(place.root, "vendor", "modules.txt")) && existsSync(vendored))
      return found({ path: name, version: "", folder: vendored });
    const all = modulesOf(place);
    const exact = all.filter((module) => module.path === name);
    const named = exact.length > 0 ? exact : all.filter((module) => lastName(module.path) === name);
    const paths = new Set(named.map(({ path }) => path));
    const [path] = paths;
    if (path === undefined || paths.size > 1) return undefined;
    return found(chosen(named, path, place));
  },
  names: (place) => modulesOf(place).map(({ path }) => path),
  folders: (place) => [join(place.root, "vendor"), cacheOf(place)].filter((folder) => existsSync(folder)),
};

const cacheOf = (place: DocumentPlace): string => {
  const set = place.environment["GOMODCACHE"];
  return set === undefined || set === "" ? join(folderOf(place, "GOPATH", "go"), "pkg", "mod") : set;
};

/** A path's last part, without that of a major version. */
const lastName = (path: string): string => path.replace(/\/v\d+$/, "").replace(/^.*\//, "");

/** The cache writes capitals as `!` and the small letter. */
const unescaped = (path: string): string =>
  path.replaceAll(/!([a-z])/g, (_match, letter: string) => letter.toUpperCase());

function modulesOf(place: DocumentPlace): Module[] {
  const cache = cacheOf(place);
  const modules: Module[] = [];
  const look = (below: string, depth: number): void => {
    for (const entry of entriesOf(join(cache, below))) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (!entry.isDirectory() || path === "cache") continue;
      const at = entry.name.indexOf("@");
      if (at === -1) {
        if (depth < deepest) look(path, depth + 1);
        continue;
      }
      const version = entry.name.slice(at + 1);
      modules.push({ path: unescaped(path.slice(0, -version.length - 1)), version, folder: join(cache, path) });
    }
  };
  look("", 0);
  return modules;
}

function chosen(modules: readonly Module[], path: string, { root }: DocumentPlace): Module {
  const text = readBounded(join(root, "go.mod"))?.toString("utf8") ?? "";
  const rows = text.split("\n").map((row) =>
    row
      .replace(/^\s*require\s+/, "")
      .trim()
      .split(/\s+/),
  );
  const wanted = rows.find(([name]) => name === path)?.[1];
  const [latest, ...others] = modules.toSorted((a, b) => compareVersions(b.version, a.version));
  const all = latest === undefined ? others : [latest, ...others];
  return all.find(({ version }) => version === wanted) ?? (all[0] as Module);
}

function found({ version, folder }: Module): FoundPackage {
  const takes = (path: string): boolean =>
    document.test(path) && !isNoise(path) && !path.endsWith("_test.go") && !path.endsWith(".pb.go");
  const skips = (path: string): boolean => isTestFolder(path) || /(?:^|\/)(?:examples?|_examples|vendor)$/.test(path);
  return { version, location: folder, files: (notes) => filesOf(folder, { takes, skips }, notes) };
}
