export { Journal, type JournalPlace, type TurnNote } from "./journal.ts";
export type { Turn } from "./journal-store.ts";
export type { Recovered } from "./recover.ts";
export {
  type Direction,
  listTurns,
  type Selection,
  type TurnState,
  type Undone,
  type UndoneFile,
  type UndoOptions,
  undoTurns,
} from "./undo.ts";
