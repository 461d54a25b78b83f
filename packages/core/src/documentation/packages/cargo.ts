import { existsSync } from "node:fs";
import { join } from "node:path";

import { entriesOf, filesOf, readBounded } from "../folder.ts";
import { type DocumentPlace, folderOf } from "../place.ts";
import { compareVersions, type Ecosystem, type FoundPackage, isNoise, isTestFolder } from "./ecosystem.ts";

const document = /\.md$|^src\/.*\.rs$|^[^/]*\.rs$|(?:^|\/)readme(?:\.txt)?$/i;

interface Crate {
  name: string;
  version: string;
  folder: string;
}

/** The sources that Cargo fetched and the project's `vendor` folder; of several versions the locked one, or the latest. */
export const cargo: Ecosystem = {
  id: "cargo",
  find: (name, place) => {
    if (!/^[\w-]+$/.test(name)) return undefined;
    const wanted = name.replaceAll("_", "-");
    const known = cratesOf(place).filter((crate) => crate.name.replaceAll("_", "-") === wanted);
    const vendored = join(place.root, "vendor", name);
    if (existsSync(join(vendored, "Cargo.toml"))) return found({ name, version: "", folder: vendored });
    const locked = lockedVersion(name, place);
    const [latest] = known.toSorted((a, b) => compareVersions(b.version, a.version));
    const crate = known.find(({ version }) => version === locked) ?? latest;
    return crate === undefined ? undefined : found(crate);
  },
  names: (place) => cratesOf(place).map(({ name }) => name),
  folders: (place) => [join(place.root, "vendor"), registryOf(place)].filter((folder) => existsSync(folder)),
};

const registryOf = (place: DocumentPlace): string => join(folderOf(place, "CARGO_HOME", ".cargo"), "registry", "src");

const cratesOf = (place: DocumentPlace): Crate[] =>
  entriesOf(registryOf(place)).flatMap((index) =>
    entriesOf(join(registryOf(place), index.name)).flatMap((entry) => {
      const [, name = "", version = ""] = /^(.+?)-(\d+\.\d+\.\d+.*)$/.exec(entry.name) ?? [];
      return name === "" ? [] : [{ name, version, folder: join(registryOf(place), index.name, entry.name) }];
    }),
  );

function lockedVersion(name: string, { root }: DocumentPlace): string | undefined {
  const text = readBounded(join(root, "Cargo.lock"))?.toString("utf8") ?? "";
  const found = text.split("[[package]]").find((part) => part.includes(`name = "${name}"`));
  return found === undefined ? undefined : /^version = "([^"]+)"/m.exec(found)?.[1];
}

function found({ version, folder }: Crate): FoundPackage {
  const takes = (path: string): boolean => document.test(path) && !isNoise(path) && path !== "build.rs";
  const skips = (path: string): boolean => isTestFolder(path) || /(?:^|\/)examples$/.test(path);
  return { version, location: folder, files: (notes) => filesOf(folder, { takes, skips }, notes) };
}
