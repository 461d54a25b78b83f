import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { missingFile, type ResolvedPath, type TextFile } from "../workspace/index.ts";
import { type Change, prepareChanges, readForChange } from "./change.ts";
import { deniedWith } from "./denied-with.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { counted } from "./outcome.ts";
import { applyHunks } from "./patch/apply-hunks.ts";
import { type FilePatch, parsePatch } from "./patch/parse-patch.ts";

const Input = z.strictObject({ patch: z.string().min(1) });
type Input = z.infer<typeof Input>;

/** Changes, makes, moves and removes files as a unified diff says: all of it, or nothing with what does not fit. */
export function applyPatchTool(dependencies: ToolDependencies): Tool<Input> {
  const { workspace } = dependencies;
  const pathsOf = ({ patch }: Input): string[] => {
    const parsed = parsePatch(patch);
    return parsed.ok ? parsed.value.flatMap(({ from, to }) => [from, to].filter((path) => path !== undefined)) : [];
  };
  const targets = (input: Input): string[] => [...new Set(pathsOf(input).map((path) => workspace.nameOf(path)))];
  return {
    name: "apply_patch",
    description: "Change files by a unified diff",
    risk: "change",
    input: Input,
    subject: (input) => targets(input)[0] ?? "",
    targets,
    deniedWith: ({ patch }) => {
      const parsed = parsePatch(patch);
      const files = parsed.ok ? parsed.value : [];
      const removes = files.some(({ to }) => to === undefined) ? ["delete_file"] : [];
      const moves = files.some(({ from, to }) => from !== undefined && to !== undefined && from !== to)
        ? ["move_file"]
        : [];
      return [...deniedWith(), ...removes, ...moves];
    },
    prepare: async ({ patch }) => {
      const parsed = parsePatch(patch);
      if (!parsed.ok) return parsed;
      const changes: Change[] = [];
      const report: string[] = [];
      for (const file of parsed.value) {
        const worked = await workOut(file, dependencies);
        if (!worked.ok) return worked;
        changes.push(...worked.value.changes);
        report.push(worked.value.said);
      }
      const twice = changes.find(
        ({ target }, index) => changes.findIndex((one) => one.target.path === target.path) < index,
      );
      if (twice !== undefined)
        return failure(new TrustError("INPUT_INVALID", `the patch names ${twice.target.name} twice`));
      const summary = counted(parsed.value.length, "file");
      return ok(prepareChanges(changes, { text: `applied the patch:\n${report.join("\n")}`, summary }, dependencies));
    },
  };
}

interface WorkedOut {
  changes: Change[];
  said: string;
}

async function workOut(file: FilePatch, dependencies: ToolDependencies): Promise<Result<WorkedOut>> {
  const { from, to, hunks } = file;
  const before = await read(from, dependencies);
  if (!before.ok) return before;
  const existing = before.value?.existing;
  const patched = applyHunks(existing?.text ?? "", hunks, existing?.lineEnding ?? "\n");
  if (!patched.ok) return failure(inFile(file, patched.error));
  if (to === undefined) return removed(file, before.value, patched.value.text);
  const { text: after, tolerated } = patched.value;
  const places = placesIn(hunks.length, tolerated);
  if (before.value === undefined || from !== to)
    return await placed(to, { known: before.value, after, places }, dependencies);
  return ok({ changes: [{ ...before.value, after }], said: `${before.value.target.name}: ${places}` });
}

const placesIn = (count: number, tolerated: number): string =>
  counted(count, "place") + (tolerated === 0 ? "" : ` (${tolerated} found with other white space)`);

/** A file that is new, or moves. */
async function placed(
  to: string,
  { known, after, places }: { known: Known | undefined; after: string; places: string },
  dependencies: ToolDependencies,
): Promise<Result<WorkedOut>> {
  const target = await free(to, dependencies);
  if (!target.ok) return target;
  const added = { target: target.value, existing: undefined, after };
  if (known === undefined) return ok({ changes: [added], said: `new: ${target.value.name}` });
  const said = `${known.target.name} → ${target.value.name}: ${places}`;
  return ok({
    changes: [
      { ...known, after: undefined },
      { ...added, like: known.existing },
    ],
    said,
  });
}

interface Known {
  target: ResolvedPath;
  existing: TextFile;
}

function removed(file: FilePatch, known: Known | undefined, rest: string): Result<WorkedOut> {
  if (file.hunks.length > 0 && rest !== "") return failure(leavesLines(file));
  if (known === undefined) return failure(new TrustError("INPUT_INVALID", "the patch is from no file to no file"));
  return ok({ changes: [{ ...known, after: undefined }], said: `removed: ${known.target.name}` });
}

async function read(path: string | undefined, dependencies: ToolDependencies): Promise<Result<Known | undefined>> {
  if (path === undefined) return ok(undefined);
  const target = await dependencies.workspace.resolve(path, "write");
  if (!target.ok) return target;
  const existing = await readForChange(target.value, dependencies);
  if (!existing.ok) return existing;
  return existing.value === undefined
    ? failure(missingFile(target.value.name))
    : ok({ target: target.value, existing: existing.value });
}

/** A place where there is nothing yet. */
async function free(path: string, { workspace }: ToolDependencies): Promise<Result<ResolvedPath>> {
  const target = await workspace.resolve(path, "write");
  if (!target.ok || target.value.kind === "missing") return target;
  return failure(new TrustError("FILE_CONFLICT", `${target.value.name} exists already`, { hint: "Patch it instead" }));
}

function leavesLines(file: FilePatch): TrustError {
  const error = new TrustError("TOOL_FAILED", "the patch removes the file, but not all of its lines", {
    hint: "to remove it whole: delete_file",
  });
  return inFile(file, error);
}

function inFile({ from, to }: FilePatch, { message, hint }: TrustError): TrustError {
  const name = from ?? to ?? "";
  return new TrustError("TOOL_FAILED", `${name}: ${message}; nothing was changed`, { hint });
}
