import { diff3Merge } from "node-diff3";

import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import type { FileChange, ResolvedPath } from "../workspace/index.ts";
import { versionOf } from "../workspace/index.ts";
import type { FileStep, JournalStore, Mark, Turn } from "./journal-store.ts";
import type { Journal } from "./journal.ts";
import { currentVersion } from "./recover.ts";

export type Direction = "undo" | "redo";

/** Which turns: the last so many, one by its number, or those of a session from one of its messages on. */
export type Selection =
  | { kind: "last"; count: number }
  | { kind: "turn"; id: number }
  | { kind: "since"; session: string; message: number };

export interface UndoOptions {
  direction: Direction;
  selection: Selection;
  /** Only this file, by its name in the workspace. */
  file?: string | undefined;
  /** Brings in what somebody changed since, where both do not change the same lines. */
  merge: boolean;
}

export interface UndoneFile {
  path: string;
  how: "restored" | "created" | "deleted" | "merged" | "unchanged";
}

export interface Undone {
  turns: Turn[];
  files: UndoneFile[];
}

/** A turn, newest first, with what of it is in force and what was taken back. */
export interface TurnState extends Turn {
  files: string[];
  undone: string[];
}

const listedTurns = 1000;

export function listTurns(journal: Journal, limit: number): Promise<TurnState[]> {
  return journal.locked((store) =>
    Promise.resolve(
      store.turns(limit).map((turn) => {
        const files = [...netSteps(store, turn.id).keys()];
        return { ...turn, files, undone: [...store.undoneIn(turn.id).keys()] };
      }),
    ),
  );
}

/**
 * Takes turns back or repeats them: all of their files or none. A file that is not what the turn left is somebody's
 * later work: FILE_CONFLICT, unless `merge` and both can be kept.
 */
export function undoTurns(journal: Journal, options: UndoOptions): Promise<Result<Undone>> {
  return journal.locked(async (store) => {
    const turns = choose(store, options);
    if (!turns.ok) return turns;
    const worked = await workOut(journal, store, { turns: turns.value, options });
    if (!worked.ok) return worked;
    const { changes, marks, files } = worked.value;
    const what = `${options.direction} ${turns.value.map(({ id }) => `t${id}`).join(" ")}`;
    const applied = await journal.applyWithin(store, changes, { what, turn: undefined, marks });
    if (!applied.ok) return applied;
    return ok({ turns: turns.value, files });
  });
}

function choose(store: JournalStore, { direction, selection, file }: UndoOptions): Result<Turn[]> {
  const all = store.turns(selection.kind === "since" ? Number.MAX_SAFE_INTEGER : listedTurns);
  const isUndo = direction === "undo";
  const fits = (turn: Turn): boolean => {
    const paths = openPaths(store, turn.id, direction);
    return file === undefined ? paths.length > 0 : paths.includes(file);
  };
  if (selection.kind === "turn") {
    const turn = all.find(({ id }) => id === selection.id);
    if (turn === undefined) return failure(nothing(`there is no turn t${selection.id} here`));
    if (!fits(turn)) return failure(nothing(`turn t${turn.id} has nothing to ${direction}`));
    return ok([turn]);
  }
  if (selection.kind === "since") {
    const { session, message } = selection;
    return ok(all.filter((turn) => turn.session === session && (turn.message ?? -1) >= message && fits(turn)));
  }
  const found = isUndo ? all.filter(fits) : redoable(store, all, fits);
  if (found.length === 0) return failure(nothing(`nothing to ${direction} here`));
  if (found.length < selection.count && selection.count > 1)
    return failure(nothing(`only ${found.length} of ${selection.count} turns can be taken`));
  return ok(found.slice(0, selection.count));
}

/** What was taken back last comes first; nothing that lies before a turn that is in force. */
function redoable(store: JournalStore, all: readonly Turn[], fits: (turn: Turn) => boolean): Turn[] {
  const inForce = all.find(({ id }) => openPaths(store, id, "undo").length > 0 && store.undoneIn(id).size === 0);
  const last = ({ id }: Turn): number => Math.max(...store.undoneIn(id).values());
  return all.filter((turn) => turn.id > (inForce?.id ?? 0) && fits(turn)).toSorted((a, b) => last(b) - last(a));
}

function openPaths(store: JournalStore, turn: number, direction: Direction): string[] {
  const undone = store.undoneIn(turn);
  return [...netSteps(store, turn).keys()].filter((path) => undone.has(path) === (direction === "redo"));
}

/**
 * What a turn did to each file, by path: one step, or several where somebody else changed the file between two changes
 * of the turn. Files that it left as they were are not among them.
 */
function netSteps(store: JournalStore, turn: number): Map<string, NetStep[]> {
  const steps = new Map<string, NetStep[]>();
  for (const step of store.stepsOf(turn)) {
    const known = steps.get(step.path) ?? [];
    const last = known.pop();
    const goesOn = last !== undefined && last.after === step.before;
    const isNew = last?.isNew === true || step.before === undefined;
    steps.set(
      step.path,
      goesOn
        ? [...known, { ...last, after: step.after, isNew }]
        : [...known, ...(last ? [last] : []), { ...step, isNew: step.before === undefined }],
    );
  }
  const changing = [...steps].map(([path, all]): [string, NetStep[]] => [
    path,
    all.filter(({ before, after }) => before !== after),
  ]);
  return new Map(changing.filter(([, all]) => all.length > 0));
}

interface NetStep extends FileStep {
  /** The file that it left was made anew, so the permissions of the one before are not its own. */
  isNew: boolean;
}

interface Work {
  turns: readonly Turn[];
  options: UndoOptions;
}

interface WorkedOut {
  changes: FileChange[];
  marks: Mark[];
  files: UndoneFile[];
}

/** A file on its way through several turns. */
interface Moving {
  target: ResolvedPath | undefined;
  original: string | undefined;
  version: string | undefined;
  bytes: Buffer | undefined;
  /** Undefined: those of what is there. */
  mode: number | undefined;
  /** To be removed with it. */
  folder: string | undefined;
  isMerged: boolean;
}

async function workOut(journal: Journal, store: JournalStore, { turns, options }: Work): Promise<Result<WorkedOut>> {
  const moving = new Map<string, Moving>();
  const marks: Mark[] = [];
  const conflicts: string[] = [];
  for (const { id } of turns) {
    const open = new Set(openPaths(store, id, options.direction));
    for (const [path, steps] of netSteps(store, id)) {
      if (!open.has(path) || (options.file !== undefined && options.file !== path)) continue;
      const file = moving.get(path) ?? (await startOf(journal, path));
      moving.set(path, file);
      const ordered = options.direction === "undo" ? steps.toReversed() : steps;
      const isBelow = store
        .laterTurns(id, path)
        .some((turn) => !marks.some((mark) => mark.turn === turn && mark.path === path));
      if (!ordered.every((step) => moveAlong(store, file, { step, options, isBelow }))) conflicts.push(path);
      marks.push({ turn: id, path, isUndone: options.direction === "undo" });
    }
  }
  if (conflicts.length > 0) return failure(conflict([...new Set(conflicts)], options));
  return ok({ ...changesOf(moving), marks });
}

async function startOf(journal: Journal, path: string): Promise<Moving> {
  const { version, target, bytes } = await currentVersion(journal.workspace, path);
  return { target, original: version, version, bytes, mode: undefined, folder: undefined, isMerged: false };
}

interface Way {
  step: NetStep;
  options: UndoOptions;
  /** Later turns that changed the file stay in force: that it is as wanted is their work. */
  isBelow: boolean;
}

/** One turn back, or forth. False when what is there is neither side of the step, and cannot be merged. */
function moveAlong(store: JournalStore, file: Moving, { step, options, isBelow }: Way): boolean {
  const isUndo = options.direction === "undo";
  const [from, to] = isUndo ? [step.after, step.before] : [step.before, step.after];
  if (file.version === to && !isBelow) return true;
  const image = imageOf(store, to);
  if (to !== undefined && image === undefined) return false;
  if (file.version !== from) return options.merge && mergeInto(file, imageOf(store, from), image);
  file.version = to;
  file.bytes = image;
  const isAnew = from === undefined || (isUndo && step.isNew);
  file.mode = isAnew ? step.mode : file.mode;
  file.folder = step.folder ?? file.folder;
  return true;
}

const imageOf = (store: JournalStore, version: string | undefined): Buffer | undefined =>
  version === undefined ? undefined : store.image(version);

function mergeInto(file: Moving, base: Buffer | undefined, image: Buffer | undefined): boolean {
  if (base === undefined || image === undefined || file.bytes === undefined) return false;
  const merged = mergeTexts(file.bytes, base, image);
  if (merged === undefined) return false;
  file.bytes = merged;
  file.version = versionOf(merged);
  file.isMerged = true;
  return true;
}

/** Both changes of `base` in one; undefined when they touch the same lines, or are not text. */
function mergeTexts(mine: Buffer, base: Buffer, theirs: Buffer): Buffer | undefined {
  const texts = [mine, base, theirs].map((bytes) => bytes.toString("utf8"));
  if (texts.some((text, index) => !Buffer.from(text).equals([mine, base, theirs][index] ?? base))) return undefined;
  const [a = [], o = [], b = []] = texts.map((text) => text.split("\n"));
  const regions = diff3Merge(a, o, b, { excludeFalseConflicts: true });
  if (regions.some(({ conflict: both }) => both !== undefined)) return undefined;
  return Buffer.from(regions.flatMap(({ ok: lines }) => lines ?? []).join("\n"));
}

function changesOf(moving: ReadonlyMap<string, Moving>): { changes: FileChange[]; files: UndoneFile[] } {
  const changes: FileChange[] = [];
  const files: UndoneFile[] = [];
  for (const [path, { target, original, version, bytes, mode, folder, isMerged }] of moving) {
    if (version === original || target === undefined) {
      files.push({ path, how: "unchanged" });
      continue;
    }
    const after = version === undefined ? undefined : bytes;
    changes.push({
      target,
      before: original,
      after,
      ...(mode === undefined ? {} : { mode }),
      ...(after === undefined && folder !== undefined ? { folder } : {}),
    });
    const how = after === undefined ? "deleted" : original === undefined ? "created" : "restored";
    files.push({ path, how: isMerged ? "merged" : how });
  }
  return { changes, files };
}

const nothing = (message: string): TrustError =>
  new TrustError("USAGE", message, { hint: "trust undo --list shows what can be taken back" });

function conflict(paths: readonly string[], { direction, merge }: UndoOptions): TrustError {
  const names = paths.join(", ");
  const message = `${names} changed since; nothing was ${direction === "undo" ? "undone" : "redone"}`;
  const hint = merge
    ? "both changed the same lines; see to these by hand, or take the others with --file"
    : `trust ${direction} --merge keeps both where they do not touch the same lines`;
  return new TrustError("FILE_CONFLICT", message, { hint });
}
