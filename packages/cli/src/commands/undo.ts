import { type Direction, listTurns, type TurnState, undoTurns } from "@trust-cli/core/journal";

import { type App, createAppToLook } from "../composition/app.ts";
import { selectionOf } from "../composition/take-back.ts";
import { writeNotice } from "../print/output.ts";
import { undoneText } from "../print/undone-text.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";

export const undoCommand: CommandModule = {
  register(program, run) {
    const undo = program
      .command("undo [what]")
      .description("take back the changes of files of the last turn, of the last N, or of one turn (t12)")
      .option("--file <file>", "only this file")
      .option("--merge", "keep later edits, where they do not touch the same lines")
      .option("--list", "show what can be taken back")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust undo\n  trust undo 2\n  trust undo t12 --file src/app.ts");
    undo.action((what: string | undefined) => run(() => move("undo", what, sharedOptions(undo))));
  },
};

export const redoCommand: CommandModule = {
  register(program, run) {
    const redo = program
      .command("redo [what]")
      .description("repeat what was taken back last, the last N, or one turn (t12)")
      .option("--file <file>", "only this file")
      .option("--merge", "keep later edits, where they do not touch the same lines")
      .option("--list", "show what can be repeated")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust redo");
    redo.action((what: string | undefined) => run(() => move("redo", what, sharedOptions(redo))));
  },
};

type UndoFlags = SharedOptions & { file?: string; merge?: boolean; list?: boolean };

async function move(direction: Direction, what: string | undefined, options: UndoFlags): Promise<number> {
  const app = await createAppToLook(options);
  for (const notice of app.resolved.notices) writeNotice(notice);
  const journal = await app.journal.open();
  if (options.list === true) {
    const turns = await listTurns(journal, listed);
    printResult(options.json, turns.map(turnJson), () => listText(turns));
    return 0;
  }
  const file = options.file === undefined ? undefined : nameOf(app, options.file);
  const selection = selectionOf(direction, what);
  const undone = await undoTurns(journal, { direction, selection, file, merge: options.merge === true });
  if (!undone.ok) throw undone.error;
  const { turns, files } = undone.value;
  printResult(options.json, { turns: turns.map(({ id, title }) => ({ turn: `t${id}`, title })), files }, () =>
    undoneText(direction, undone.value),
  );
  return 0;
}

const listed = 30;

const nameOf = (app: App, path: string): string => app.workspace.nameOf(path);

const turnJson = ({ id, ...rest }: TurnState) => ({ turn: `t${id}`, ...rest });

function listText(turns: readonly TurnState[]): string {
  if (turns.length === 0) return "No changes of files are known in this folder.\n";
  return turns
    .map(({ id, at, title, files, undone }) => {
      const state = undone.length === 0 ? "" : undone.length < files.length ? " (partly undone)" : " (undone)";
      return `t${id}  ${at.slice(0, 16).replace("T", " ")}  ${title}${state}\n${files.map((file) => `      ${file}\n`).join("")}`;
    })
    .join("");
}
