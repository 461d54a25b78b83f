import type { PreparedCall, ToolOutcome } from "../ports/tool.ts";
import type { FileDiff } from "../protocol/agent-events.ts";
import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import {
  encodeText,
  type FileChange,
  readTextFile,
  type ResolvedPath,
  type TextFile,
  versionOf,
} from "../workspace/index.ts";
import { changedRegion } from "./changed-region.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { done, failed, pathLine } from "./outcome.ts";

/** A new text for a file, `existing` as it was when the change was worked out. Undefined removes the file. */
export interface Change {
  target: ResolvedPath;
  existing: TextFile | undefined;
  after: string | undefined;
  /** For a new file: the one whose byte order mark and permissions it gets. */
  like?: TextFile;
}

/** What is said of a change that was made: to the model, and in a few words to people. */
export interface Report {
  text: string;
  summary: string;
}

/** The text of a file that is about to be changed; undefined when there is none yet. */
export async function readForChange(
  target: ResolvedPath,
  { ledger, limits, mayRead }: ToolDependencies,
): Promise<Result<TextFile | undefined>> {
  if (target.kind === "missing") return ok(undefined);
  if (mayRead?.(target.name) === false) return failure(mayNotBeRead(target.name));
  const file = await readTextFile(target, { maxBytes: limits.fileBytes });
  if (!file.ok) return file;
  if (!file.value.isLossless) return failure(notUtf8(target.name));
  const known = ledger.versionOf(target.path);
  if (known !== undefined && known !== file.value.version) return failure(changedSinceRead(target.name));
  if (known === undefined && limits.guarded) return failure(notRead(target.name));
  return file;
}

/** Shows all changes, and makes them only if the files are still what the preview shows: all or none. */
export function prepareChanges(
  changes: readonly Change[],
  { text: said, summary }: Report,
  dependencies: ToolDependencies,
): PreparedCall {
  const text = changes.reduce((line, { target: { name } }) => line.replaceAll(name, () => pathLine(name)), said);
  const [first] = changes;
  const files = changes.map(diffOf);
  const paths = files.map(({ path }) => path);
  const checked = dependencies.diagnostics?.before(paths).catch(() => undefined);
  return {
    preview:
      first !== undefined && files.length === 1 ? { kind: "diff", ...diffOf(first) } : { kind: "changes", files },
    run: async (signal): Promise<ToolOutcome> => {
      await checked;
      const written = await dependencies.changes.apply(changes.map(bytesOf), text);
      if (!written.ok) return failed(written.error);
      for (const change of changes) note(change, dependencies);
      const more = await Promise.all(changes.map((change) => aftermath(change, dependencies)));
      const isBroken = more.some(({ broken }) => broken.length > 0);
      const found = isBroken ? [] : ((await dependencies.diagnostics?.after(paths, signal).catch(() => [])) ?? []);
      const news = found.length === 0 ? [] : [`new problems:\n${found.join("\n")}`];
      return done([text, ...more.flatMap(({ shown, broken }) => [...shown, ...broken]), ...news].join("\n"), summary);
    },
  };
}

function diffOf({ target, existing, after }: Change): FileDiff {
  const removed = after === undefined ? { isRemoved: true as const } : {};
  const before = existing?.text ?? "";
  return { path: target.name, before, after: after ?? "", isNew: existing === undefined, ...removed };
}

function bytesOf({ target, existing, after, like }: Change): FileChange {
  const bytes = after === undefined ? undefined : encodeText(after, (like ?? existing)?.bom ?? false);
  return { target, before: existing?.version, after: bytes, ...(like === undefined ? {} : { mode: like.mode }) };
}

function note({ target, existing, after, like = existing }: Change, { ledger }: ToolDependencies): void {
  if (after !== undefined) ledger.note(target.path, versionOf(encodeText(after, like?.bom ?? false)));
}

/** What matters after a change: the place with its new line numbers, and problems that were not there before. */
async function aftermath(
  { target, existing, after }: Change,
  { limits, problems }: ToolDependencies,
): Promise<{ shown: string[]; broken: string[] }> {
  if (after === undefined) return { shown: [], broken: [] };
  const before = existing?.text ?? "";
  const region = changedRegion(before, after, limits);
  const shown = region === "" ? [] : [`${pathLine(target.name)} now:\n${region}`];
  const known = new Set(await problems?.(target.name, before).catch(() => []));
  const found = (await problems?.(target.name, after).catch(() => [])) ?? [];
  const fresh = found.filter((problem) => !known.has(problem));
  return {
    shown,
    broken: fresh.length === 0 ? [] : [`new problems in ${pathLine(target.name)}:\n${fresh.join("\n")}`],
  };
}

/** What is said of an edit that fails shows the file. */
export const mayNotBeRead = (name: string): TrustError =>
  new TrustError("REFUSED", `the rules forbid reading ${name}, so it is not changed either`);

function notUtf8(name: string): TrustError {
  return new TrustError("FILE_FAILED", `${name} is not UTF-8 text; changing it would damage other characters`, {
    hint: "Convert it first, by a command such as iconv -f LATIN1 -t UTF-8",
  });
}

function changedSinceRead(name: string): TrustError {
  return new TrustError("FILE_CONFLICT", `${name} changed since it was read`, {
    hint: `Read it again: read_file {"path": ${JSON.stringify(name)}}`,
  });
}

function notRead(name: string): TrustError {
  return new TrustError("FILE_CONFLICT", `${name} was not read yet, so its text is not known`, {
    hint: `Read it first: read_file {"path": ${JSON.stringify(name)}}`,
  });
}
