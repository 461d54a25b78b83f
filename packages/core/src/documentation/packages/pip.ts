import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { entriesOf, filesOf, readBounded } from "../folder.ts";
import type { DocumentPlace } from "../place.ts";
import type { SourceFile } from "../source.ts";
import { type Ecosystem, type FoundPackage, isNoise, isTestFolder } from "./ecosystem.ts";

const document = /\.(?:md|rst|pyi?)$|(?:^|\/)readme(?:\.txt)?$/i;

/** `site-packages` of the project's virtual environment and of the `python3` in PATH, which is not run. */
export const pip: Ecosystem = {
  id: "pip",
  find: (name, place) => {
    const wanted = normal(name);
    for (const folder of pip.folders(place)) {
      const info = distributions(folder).find((known) => normal(known.name) === wanted);
      if (info !== undefined) return found(folder, info);
    }
    return undefined;
  },
  names: (place) => pip.folders(place).flatMap((folder) => distributions(folder).map(({ name }) => name)),
  folders: (place) => [...new Set([...environments(place).flatMap(siteOf), ...systemFolders(place)])],
};

/** How PyPI compares names. */
const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, "-");

interface Distribution {
  name: string;
  version: string;
  folder: string;
}

const distributions = (folder: string): Distribution[] =>
  entriesOf(folder).flatMap((entry) => {
    const [, name = "", version = ""] = /^(.+?)-([^-]+)\.(?:dist|egg)-info$/.exec(entry.name) ?? [];
    return name === "" ? [] : [{ name, version, folder: join(folder, entry.name) }];
  });

const environments = ({ root, environment }: DocumentPlace): string[] =>
  [environment["VIRTUAL_ENV"], join(root, ".venv"), join(root, "venv"), join(root, "env")].filter(
    (folder): folder is string => folder !== undefined && existsSync(join(folder, "pyvenv.cfg")),
  );

/** Of an installation or an environment. */
function siteOf(prefix: string): string[] {
  const versions = entriesOf(join(prefix, "lib"))
    .map(({ name }) => name)
    .filter((name) => name.startsWith("python3"));
  const unix = versions.flatMap((version) => [
    join(prefix, "lib", version, "site-packages"),
    join(prefix, "lib", version, "dist-packages"),
  ]);
  return [...unix, join(prefix, "Lib", "site-packages")].filter((folder) => existsSync(folder));
}

function systemFolders({ environment, root }: DocumentPlace): string[] {
  const programs = (environment["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "python3"));
  const program = programs.find((file) => existsSync(file));
  if (program === undefined) return [];
  const prefix = dirname(dirname(realpathSync.native(program)));
  const prefixes = program.endsWith(join("shims", "python3"))
    ? pyenvVersions(dirname(dirname(program)), root, environment)
    : [prefix];
  return prefixes.flatMap((folder) => [...siteOf(folder), ...systemPackages(folder)]);
}

/** pyenv puts a script in PATH; which version it starts is said by a variable or a file. */
function pyenvVersions(home: string, root: string, environment: DocumentPlace["environment"]): string[] {
  const files = [join(root, ".python-version"), join(home, "version")].map((file) =>
    readBounded(file)?.toString("utf8"),
  );
  const said = environment["PYENV_VERSION"] ?? files.find((text) => text !== undefined) ?? "";
  const names = said.split(/[\s:]+/).filter((name) => /^[\w.-]+$/.test(name));
  return names
    .flatMap((name) =>
      entriesOf(join(home, "versions")).filter((entry) => entry.name === name || entry.name.startsWith(`${name}.`)),
    )
    .map((entry) => join(home, "versions", entry.name));
}

/** Where Debian's own packages lie. */
const systemPackages = (prefix: string): string[] =>
  [join(prefix, "lib", "python3", "dist-packages")].filter((folder) => existsSync(folder));

function found(site: string, info: Distribution): FoundPackage {
  return {
    version: info.version,
    location: info.folder,
    files: (notes) => [
      ...readmeOf(info),
      ...modulesOf(site, info).flatMap((module) => moduleFiles(site, module, notes)),
    ],
  };
}

/** The description in METADATA, which is the README that its author published. */
function readmeOf({ folder }: Distribution): SourceFile[] {
  const text = ["METADATA", "PKG-INFO"]
    .map((name) => readBounded(join(folder, name))?.toString("utf8"))
    .find((known) => known !== undefined);
  const [head = "", ...body] = text?.split(/\r?\n\r?\n/) ?? [];
  const description = body.join("\n\n").trim();
  if (description === "") return [];
  const path = /^Description-Content-Type:\s*text\/(?:markdown)/im.test(head) ? "README.md" : "README.rst";
  return [{ path, read: () => Promise.resolve(Buffer.from(description)) }];
}

/** The top-level modules: what `top_level.txt` names, or what RECORD lists. */
function modulesOf(site: string, { name, folder }: Distribution): string[] {
  const listed = readBounded(join(folder, "top_level.txt"))?.toString("utf8").split(/\s+/);
  const record = readBounded(join(folder, "RECORD"))
    ?.toString("utf8")
    .split("\n")
    .map((line) => line.split(/[/,]/)[0] ?? "");
  const names = [...new Set(listed ?? record ?? [name.replaceAll("-", "_")])];
  const isModule = (module: string): boolean => /^\w+$/.test(module) && existsSync(join(site, module, "__init__.py"));
  const files = names
    .map((module) => module.replace(/\.py$/, ""))
    .filter((module) => /^\w+$/.test(module) && existsSync(join(site, `${module}.py`)));
  return [...new Set([...names.filter((module) => isModule(module)), ...files])];
}

function moduleFiles(site: string, module: string, notes: string[]): SourceFile[] {
  const single = `${module}.py`;
  if (!existsSync(join(site, module)))
    return [{ path: single, read: () => Promise.resolve(readBounded(join(site, single))) }];
  const takes = (path: string): boolean =>
    document.test(path) && !isNoise(path) && !/(?:^|\/)(?:test_|conftest|_vendor\/)/.test(path);
  const skips = (path: string): boolean => isTestFolder(path) || /(?:^|\/)_vendor$/.test(path);
  const files = filesOf(join(site, module), { takes, skips }, notes);
  return files.map((file) => ({ ...file, path: `${module}/${file.path}` }));
}
