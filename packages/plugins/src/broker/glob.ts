/**
 * Patterns over paths with `/`: `*` and `?` stay inside one name and do not match a leading dot, `**` is any number of
 * folders whose names do not begin with a dot. Time grows with the product of the lengths, whatever a plugin writes.
 */
export interface PathPattern {
  matches(path: string): boolean;
  /** Could a path below this folder match? */
  leadsInto(folder: string): boolean;
}

export function pathPattern(glob: string): PathPattern {
  const parts = glob.split("/");
  return {
    matches: (path) => after(parts, path.split("/")).has(parts.length),
    leadsInto: (folder) => {
      const places = after(parts, folder === "." ? [] : folder.split("/"));
      return [...places].some((place) => place < parts.length);
    },
  };
}

/** The places in the pattern that can be reached when the names are used up. */
function after(parts: readonly string[], names: readonly string[]): ReadonlySet<number> {
  let places = withoutFolders(parts, new Set([0]));
  for (const name of names) {
    const next = new Set<number>();
    for (const place of places) {
      const part = parts[place];
      if (part === "**" && !name.startsWith(".")) next.add(place).add(isLast(parts, place) ? place + 1 : place);
      if (part !== undefined && part !== "**" && matchesName(part, name)) next.add(place + 1);
    }
    places = withoutFolders(parts, next);
  }
  return places;
}

/** `**` may stand for no folder at all, except at the end, where it is at least one name. */
function withoutFolders(parts: readonly string[], places: Set<number>): Set<number> {
  for (const place of places) if (parts[place] === "**" && !isLast(parts, place)) places.add(place + 1);
  return places;
}

const isLast = (parts: readonly string[], place: number): boolean => place === parts.length - 1;

/** Goes back only to the last star, which is enough and keeps the time quadratic. */
function matchesName(part: string, name: string): boolean {
  if (name.startsWith(".") && !part.startsWith(".")) return false;
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < name.length;) {
    const sign = part[at];
    if (sign === "*") {
      star = at++;
      resume = index;
    } else if (sign === "?" || (sign !== undefined && sign === name[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else {
      return false;
    }
  }
  return /^\**$/.test(part.slice(at));
}
