import type { PreparedCall, ToolOutcome } from "../ports/tool.ts";
import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { encodeText, readTextFile, type ResolvedPath, type TextFile, versionOf } from "../workspace/index.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { done, failed } from "./outcome.ts";

/** A new text for a file, `existing` as it was when the change was worked out. */
export interface Change {
  target: ResolvedPath;
  existing: TextFile | undefined;
  after: string;
  text: string;
  summary: string;
}

/** The text of a file that is about to be changed; undefined when there is none yet. */
export async function readForChange(
  target: ResolvedPath,
  { ledger, limits }: ToolDependencies,
): Promise<Result<TextFile | undefined>> {
  if (target.kind === "missing") return ok(undefined);
  const file = await readTextFile(target, { maxBytes: limits.fileBytes });
  if (!file.ok) return file;
  if (!file.value.isLossless) return failure(notUtf8(target.name));
  const known = ledger.versionOf(target.path);
  if (known !== undefined && known !== file.value.version) return failure(changedSinceRead(target.name));
  return file;
}

/** Shows the whole change, and writes it only if the file is still what the preview shows. */
export function prepareChange(change: Change, { ledger, changes }: ToolDependencies): PreparedCall {
  const { target, existing, after } = change;
  const before = existing?.text ?? "";
  return {
    preview: { kind: "diff", path: target.name, before, after, isNew: existing === undefined },
    run: async (): Promise<ToolOutcome> => {
      const bytes = encodeText(after, existing?.bom ?? false);
      const written = await changes.apply([{ target, before: existing?.version, after: bytes }], change.text);
      if (!written.ok) return failed(written.error);
      ledger.note(target.path, versionOf(bytes));
      return done(change.text, change.summary);
    },
  };
}

function notUtf8(name: string): TrustError {
  return new TrustError("FILE_FAILED", `${name} is not UTF-8 text; changing it would damage other characters`, {
    hint: "Convert it first, or change it with a command",
  });
}

function changedSinceRead(name: string): TrustError {
  return new TrustError("FILE_CONFLICT", `${name} changed since it was read`, {
    hint: `Read it again: read_file {"path": ${JSON.stringify(name)}}`,
  });
}
