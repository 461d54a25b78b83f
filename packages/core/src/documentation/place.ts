import { homedir } from "node:os";
import { join } from "node:path";

/** Where documents are looked for. */
export interface DocumentPlace {
  /** The folder of the project: its own packages come first. */
  root: string;
  environment: Readonly<Record<string, string | undefined>>;
}

export const homeOf = ({ environment }: DocumentPlace): string => environment["HOME"] ?? homedir();

/** A variable that names a folder, or that folder's usual place in the home. */
export const folderOf = (place: DocumentPlace, variable: string, ...usual: string[]): string => {
  const set = place.environment[variable];
  return set === undefined || set === "" ? join(homeOf(place), ...usual) : set;
};
