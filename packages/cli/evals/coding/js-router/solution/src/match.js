/** The segments of a path without its query. */
export function segmentsOf(path) {
  const [plain] = path.split("?");
  return plain.split("/").filter((segment) => segment !== "");
}

/**
 * How a pattern matches the raw segments of a path: its undecoded parameters, and a rank for each segment, 0 for an
 * exact one. Undefined when it does not.
 */
export function matchPath(pattern, path) {
  const wanted = segmentsOf(pattern);
  const given = segmentsOf(path);
  const params = {};
  const ranks = [];
  for (const [index, segment] of wanted.entries()) {
    if (segment === "*") {
      if (given.length <= index) return undefined;
      params.rest = given.slice(index);
      return { params, ranks: [...ranks, 2] };
    }
    if (index >= given.length) return undefined;
    if (segment.startsWith(":")) {
      params[segment.slice(1)] = [given[index]];
      ranks.push(1);
    } else if (segment === given[index]) ranks.push(0);
    else return undefined;
  }
  return given.length === wanted.length ? { params, ranks } : undefined;
}

/** Below 0 when the first match is the more exact one. */
export function compareRanks(a, b) {
  for (const [index, rank] of a.entries()) {
    if (rank !== b[index]) return rank - (b[index] ?? -1);
  }
  return 0;
}
