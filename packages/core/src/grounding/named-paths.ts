import type { Workspace } from "../workspace/index.ts";
import type { Spoken } from "./spoken.ts";
import type { Paths } from "./workspace-paths.ts";

/** Existing paths that were named, in the order of the texts. */
export interface NamedPaths {
  files: string[];
  folders: string[];
}

const mostTokens = 4000;
const longestToken = 400;
/** Paths that are not listed, since they are new or ignored, are looked for one by one. */
const mostLookups = 60;

export async function namedPaths(
  spoken: readonly Spoken[],
  { files, folders }: Paths,
  workspace: Workspace,
): Promise<NamedPaths> {
  const tokens = pathLike(spoken, workspace.root);
  const unlisted = tokens.filter((token) => !files.has(token) && !folders.has(token) && isPathForm(token));
  const found = await Promise.all(unlisted.slice(0, mostLookups).map((token) => workspace.resolve(token, "read")));
  const named: NamedPaths = { files: [], folders: [] };
  for (const token of tokens) {
    if (files.has(token)) named.files.push(token);
    if (folders.has(token)) named.folders.push(token);
  }
  for (const one of found) {
    if (one.ok && one.value.kind === "file") named.files.push(one.value.name);
    if (one.ok && one.value.kind === "directory") named.folders.push(one.value.name);
  }
  return named;
}

const isPathForm = (token: string): boolean =>
  /[\p{L}\p{N}_-][/.][\p{L}\p{N}_-]|^\.\w/u.test(token) && !/\s/.test(token);

/** Everything in the texts that could be a path: tokens, quotes, and what a line of a result begins with. */
function pathLike(spoken: readonly Spoken[], root: string): string[] {
  const found = new Set<string>();
  for (const { text, call } of spoken) {
    const folders = Object.values(call?.args ?? {}).filter((value) => typeof value === "string");
    for (const token of tokensOf(text)) {
      if (found.size >= mostTokens) return [...found];
      if (token.length > longestToken) continue;
      const path = relative(token, root);
      if (path === "") continue;
      found.add(path);
      // A folder's entries are listed by their names alone.
      for (const folder of folders) found.add(relative(`${folder}/${path}`, root));
    }
  }
  return [...found];
}

function* tokensOf(text: string): Generator<string> {
  for (const line of text.split("\n")) {
    yield line.replace(/:\d+:.*$/, "").trim();
    for (const [, ...ways] of line.matchAll(/`([^`]+)`|"([^"]+)"|'([^']+)'/g)) {
      yield ways.find((way) => way !== undefined) ?? "";
    }
    for (const token of line.split(/[\s"'`]+/)) {
      if (token.length > longestToken) continue;
      yield token;
      yield token.replace(/^[([{<]+/, "").replace(/(?::\d+)*[)\]}>.,;:!?]*$/, "");
    }
  }
}

/** From the root, with `/`, without what may be left out. */
function relative(token: string, root: string): string {
  const path = token.startsWith(`${root}/`) ? token.slice(root.length + 1) : token;
  return path
    .replaceAll("\\", "/")
    .replace(/^(?:\.\/+)+/, "")
    .replace(/(?<=.)\/+$/, "");
}
