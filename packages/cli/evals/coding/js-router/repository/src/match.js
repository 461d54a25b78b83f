/** The segments of a path without its query. */
export function segmentsOf(path) {
  const [plain] = path.split("?");
  return plain.split("/").filter((segment) => segment !== "");
}

/** Whether a pattern matches a path. */
export function matchPath(pattern, path) {
  return segmentsOf(pattern).join("/") === segmentsOf(path).join("/");
}
