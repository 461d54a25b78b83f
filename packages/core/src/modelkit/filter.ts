import { TrustError } from "../protocol/errors.ts";
import { cleanPath, type LayerKind } from "./kitfile/layers.ts";

/** `types[:names]` of `unpack --filter`: both lists joined by commas. */
export interface KitFilter {
  kitfile: boolean;
  kinds: ReadonlySet<LayerKind>;
  /** Names or paths of entries; undefined for all. */
  names: ReadonlySet<string> | undefined;
}

const kindsOf: Readonly<Record<string, readonly LayerKind[]>> = {
  kitfile: [],
  model: ["model", "modelpart"],
  datasets: ["dataset"],
  code: ["code"],
  docs: ["docs"],
  prompts: ["prompt"],
  mcpservers: ["mcp"],
};

/** Throws USAGE for a type that there is not. */
export function parseFilter(text: string): KitFilter {
  const [types = "", names] = text.split(":", 2);
  const words = types.split(",").map((word) => word.trim().toLowerCase());
  const unknown = words.find((word) => !Object.hasOwn(kindsOf, word));
  if (unknown !== undefined) {
    throw new TrustError("USAGE", `there is no type ${JSON.stringify(unknown)} in a kit`, {
      hint: `the types are ${Object.keys(kindsOf).join(", ")}; for example: --filter model,docs:README.md`,
    });
  }
  return {
    kitfile: words.includes("kitfile"),
    kinds: new Set(words.flatMap((word) => kindsOf[word] ?? [])),
    names: names === undefined ? undefined : new Set(names.split(",").map(cleanPath)),
  };
}

/** Is this entry asked for by one of the filters? Without filters everything is. */
export function isWanted(
  filters: readonly KitFilter[],
  { kind, name, path }: { kind: LayerKind; name: string | undefined; path: string | undefined },
): boolean {
  if (filters.length === 0) return true;
  return filters.some(({ kinds, names }) => {
    if (!kinds.has(kind)) return false;
    return names === undefined || (name !== undefined && names.has(name)) || (path !== undefined && names.has(path));
  });
}
