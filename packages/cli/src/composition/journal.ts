import { existsSync } from "node:fs";

import type { Journal, JournalPlace, TurnNote } from "@trust-cli/core/journal";
import { TrustError } from "@trust-cli/core/protocol";
import { type ChangeLog, changeMarkers } from "@trust-cli/core/workspace";

/** The journal of a workspace, opened by the first change: SQLite need not be there before. */
export interface AppJournal extends ChangeLog {
  /** The changes that follow belong to this. */
  begin(note: TurnNote): void;
  open(): Promise<Journal>;
  /** Ends what a process that died left half done; says in a sentence what it did. */
  recover(): Promise<string[]>;
}

/** A journal that cannot be used stops changes, where it is said again, and nothing else. */
function unusable(error: unknown): string {
  if (!(error instanceof TrustError)) throw error;
  const hint = error.hint === undefined ? "" : `; ${error.hint}`;
  return `a change may have been interrupted, but ${error.message}${hint}`;
}

export function lazyJournal(place: JournalPlace): AppJournal {
  let opening: Promise<Journal> | undefined;
  let note: TurnNote | undefined;
  const open = (): Promise<Journal> => {
    opening ??= import("@trust-cli/core/journal").then((module) => new module.Journal(place));
    return opening;
  };
  return {
    open,
    begin: (next) => void (note = next),
    apply: async (changes, what) => {
      const journal = await open();
      if (note !== undefined) journal.begin(note);
      note = undefined;
      return await journal.apply(changes, what);
    },
    recover: async () => {
      const { pending } = changeMarkers(place.locks, place.workspace.root);
      if (!existsSync(pending)) return [];
      const recovered = await (await open()).recover().catch(unusable);
      if (typeof recovered === "string") return [recovered];
      const { completed, takenBack, left } = recovered;
      const said = (what: string, paths: string[]): string[] =>
        paths.length === 0 ? [] : [`${what}: ${paths.join(", ")}`];
      return [
        ...said("a change that was interrupted is complete", completed),
        ...said("a change that was interrupted was taken back", takenBack),
        ...said("a change was interrupted, and these files were changed since and left alone", left),
      ];
    },
  };
}
