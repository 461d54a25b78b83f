import { posix } from "node:path";

import * as z from "zod";

import { parseJson } from "../protocol/json.ts";
import { readSource } from "./read-source.ts";

/** Another name for paths of the workspace, as `compilerOptions.paths` gives one: `@/*` → `src/*`. */
interface Alias {
  /** What an import begins with, and what it ends with behind the `*`. Without a `*` there is no `after`. */
  before: string;
  after: string | undefined;
  /** Paths from the root of the workspace, which may have a `*` too. */
  targets: readonly string[];
}

const configNames = /(?:^|\/)(?:ts|js)config(?:\.[\w-]+)?\.json$/;
const mostConfigs = 200;
const mostParents = 5;

const Config = z.object({
  extends: z.union([z.string(), z.array(z.string())]).optional(),
  compilerOptions: z
    .object({ baseUrl: z.string().optional(), paths: z.record(z.string(), z.array(z.string())).optional() })
    .optional(),
});

/** Whether a file may say under which other names files are imported. */
export const isAliasConfig = (path: string): boolean => configNames.test(path);

/** The aliases of each folder that has any, from the configurations of TypeScript among these paths. */
export function readAliases(root: string, paths: readonly string[]): ImportAliases {
  const byFolder = new Map<string, Alias[]>();
  for (const path of paths.filter(isAliasConfig).slice(0, mostConfigs)) {
    const aliases = aliasesIn(root, path, mostParents);
    const folder = posix.dirname(path);
    if (aliases.length > 0) byFolder.set(folder, [...(byFolder.get(folder) ?? []), ...aliases]);
  }
  return new ImportAliases(byFolder);
}

/** A configuration without aliases of its own has those that it extends. */
function aliasesIn(root: string, path: string, parents: number): Alias[] {
  const config = readConfig(root, path);
  if (config === undefined) return [];
  const { baseUrl, paths } = config.compilerOptions ?? {};
  const folder = posix.dirname(path);
  const base = posix.join(folder, baseUrl ?? ".");
  const aliases = Object.entries(paths ?? {}).map(([pattern, targets]) => aliasOf(pattern, base, targets));
  if (baseUrl !== undefined) aliases.push(aliasOf("*", base, ["*"]));
  if (aliases.length > 0 || parents === 0) return aliases;
  return [config.extends ?? []].flat().flatMap((parent) => {
    if (!parent.startsWith(".")) return [];
    const named = posix.join(folder, parent);
    return aliasesIn(root, named.endsWith(".json") ? named : `${named}.json`, parents - 1);
  });
}

function readConfig(root: string, path: string): z.infer<typeof Config> | undefined {
  const source = path.startsWith("..") ? undefined : readSource(root, path);
  if (source?.content !== "text") return undefined;
  try {
    return parseJson(withoutComments(source.text), Config, path);
  } catch {
    return undefined;
  }
}

/** JSON as TypeScript allows it becomes plain JSON. */
function withoutComments(text: string): string {
  const bare = text
    .replace(/^\uFEFF/, "")
    .replaceAll(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, quoted?: string) => quoted ?? "");
  return bare.replaceAll(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? "");
}

function aliasOf(pattern: string, base: string, targets: readonly string[]): Alias {
  const [before = "", after] = pattern.split("*");
  return { before, after, targets: targets.map((target) => posix.join(base, target)) };
}

/** What imports may mean by the configuration of TypeScript that is nearest to their file. */
export class ImportAliases {
  readonly #byFolder: ReadonlyMap<string, readonly Alias[]>;

  constructor(byFolder: ReadonlyMap<string, readonly Alias[]>) {
    this.#byFolder = byFolder;
  }

  /** Paths without endings, the likeliest first. */
  meanings(from: string, folder: string): string[] {
    const fitting = this.#of(folder)
      .filter((alias) => fits(from, alias))
      .sort((a, b) => b.before.length - a.before.length);
    return fitting.flatMap(({ before, after, targets }) => {
      const rest = after === undefined ? "" : from.slice(before.length, from.length - after.length);
      return targets.map((target) => posix.normalize(target.replace("*", () => rest)));
    });
  }

  #of(folder: string): readonly Alias[] {
    for (let at = folder; this.#byFolder.size > 0; at = posix.dirname(at)) {
      const found = this.#byFolder.get(at);
      if (found !== undefined) return found;
      if (at === "." || at === "/") break;
    }
    return [];
  }
}

function fits(from: string, { before, after }: Alias): boolean {
  if (after === undefined) return from === before;
  return from.length >= before.length + after.length && from.startsWith(before) && from.endsWith(after);
}
