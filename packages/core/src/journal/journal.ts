import { rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { type Clock, systemClock } from "../ports/index.ts";
import { failure, type Result, TrustError } from "../protocol/errors.ts";
import { guarded } from "../storage/database.ts";
import { acquireLock } from "../storage/index.ts";
import { type ChangeLog, changeMarkers, type FileChange, systemCode, type Workspace } from "../workspace/index.ts";
import { JournalStore, type Mark, type Turn } from "./journal-store.ts";
import { recoverChanges, type Recovered } from "./recover.ts";
import { applyAll, describeChanges, takeBack } from "./transaction.ts";

/** What a person asked for, to which the next changes belong. */
export interface TurnNote {
  title: string;
  session?: string;
  /** Place of the person's message in the session. */
  message?: number;
}

export interface JournalPlace {
  workspace: Workspace;
  /** The database, shared by all workspaces of the person. */
  file: string;
  /** The folder for locks. */
  locks: string;
  clock?: Clock;
}

const lockTries = 250;
const lockPauseMilliseconds = 20;

/**
 * All changes of files in one workspace. Each is written down with what it replaces before the first byte of the
 * workspace changes (durably), so that it can be taken back, also by the next process after this one was killed.
 */
export class Journal implements ChangeLog, Disposable {
  readonly #place: JournalPlace;
  readonly #lock: string;
  readonly #marker: string;
  #store: JournalStore | undefined;
  /** The turn that the next changes belong to: only a note until its first change. */
  #turn: number | undefined;
  #note: Omit<Turn, "id"> | undefined;

  constructor(place: JournalPlace) {
    this.#place = place;
    const { lock, pending } = changeMarkers(place.locks, place.workspace.root);
    this.#lock = lock;
    this.#marker = pending;
  }

  get workspace(): Workspace {
    return this.#place.workspace;
  }

  /** The changes that follow belong to this, until the next begins. */
  begin({ title, session, message }: TurnNote): void {
    const { clock = systemClock } = this.#place;
    const at = new Date(clock.now()).toISOString();
    this.#note = { title: title.split("\n", 1)[0]?.slice(0, 200) ?? "", session, message, at };
    this.#turn = undefined;
  }

  async apply(changes: readonly FileChange[], what: string): Promise<Result<void>> {
    if (this.#note === undefined) this.begin({ title: what });
    const work = async (store: JournalStore): Promise<Result<void>> => {
      // A turn that was taken back meanwhile, in another process, is over: what follows is another one.
      const turn = this.#turn !== undefined && store.isOpen(this.#turn) ? this.#turn : this.#note;
      const begun = await this.applyWithin(store, changes, { what, turn });
      if (begun.ok) this.#turn = begun.value;
      return begun.ok ? { ok: true, value: undefined } : begun;
    };
    try {
      return await this.locked(work);
    } catch (error) {
      if (error instanceof TrustError) return failure(error);
      throw error;
    }
  }

  /** The same with the lock held. `marks` are noted together with the end of the change. Gives the turn's id. */
  async applyWithin(
    store: JournalStore,
    changes: readonly FileChange[],
    { what, turn, marks = [] }: { what: string; turn: Omit<Turn, "id"> | number | undefined; marks?: readonly Mark[] },
  ): Promise<Result<number | undefined>> {
    const { root } = this.#place.workspace;
    const described = await describeChanges(root, changes);
    if (!described.ok) return described;
    guarded(this.#marker, () => writeFileSync(this.#marker, ""));
    const ids = store.begin(turn, { what, ...described.value, marks });
    const begun = { ...described.value, change: ids.change };
    const applied = await applyAll(root, changes, begun);
    if (!applied.ok) {
      this.#forget(store, ids.change);
      return failure(applied.error);
    }
    try {
      store.finish(ids.change);
    } catch (error) {
      await takeBack(root, changes, begun);
      throw error;
    }
    this.#unmark();
    return { ok: true, value: ids.turn };
  }

  /** A full disk may forbid even this; the next change or process finds the marker, and forgets it then. */
  #forget(store: JournalStore, change: number): void {
    try {
      store.forget(change);
      this.#unmark();
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
    }
  }

  /** Messages of a session are forgotten: see `JournalStore.detach`. */
  detach(session: string, message: number): Promise<void> {
    return this.locked((store) => Promise.resolve(store.detach(session, message)));
  }

  /** Ends what a process that died left half done: each change completely, or not at all. */
  recover(): Promise<Recovered> {
    return this.locked(() => Promise.resolve(this.#recovered));
  }

  #recovered: Recovered = { completed: [], takenBack: [], left: [] };

  /** Runs something with the journal of this workspace for itself, after what was half done is ended. */
  async locked<T>(work: (store: JournalStore) => Promise<T>): Promise<T> {
    using _lock = await this.#acquire();
    const { file, workspace } = this.#place;
    this.#store ??= new JournalStore(file, workspace.root);
    this.#recovered = await recoverChanges(this.#store, workspace);
    this.#unmark();
    return await work(this.#store);
  }

  /** A marker that stays only makes the next start look for what is not there. */
  #unmark(): void {
    try {
      rmSync(this.#marker, { force: true });
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#store?.[Symbol.dispose]();
    this.#store = undefined;
  }

  async #acquire(): Promise<Disposable> {
    for (let tries = 0; tries < lockTries; tries++) {
      const lock = acquireLock(this.#lock);
      if (lock !== undefined) return lock;
      await sleep(lockPauseMilliseconds);
    }
    throw new TrustError("FILE_CONFLICT", "another Trust is changing files here", { hint: "try again in a moment" });
  }
}
