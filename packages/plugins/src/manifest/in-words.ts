import type { InputProperty, InputSchema } from "./input-schema.ts";
import { type Permissions, readGlobs } from "./manifest.ts";

/** What the plugin may do beyond computing, one line each, for the person who decides. */
export function describePermissions(permissions: Permissions): string[] {
  const reads = readGlobs(permissions).map((glob) =>
    glob === "**"
      ? "read every file of the workspace whose path has no name that begins with a dot"
      : `read ${JSON.stringify(glob)} in the workspace`,
  );
  const { storageMB } = permissions;
  const stores = storageMB === undefined ? [] : [`keep up to ${storageMB} MB of data of its own`];
  const all = [...reads, ...stores];
  return all.length === 0 ? ["nothing beyond computing"] : all;
}

/** The arguments of a tool as a model reads them, one line each; `places[].name` is inside a list. */
export const describeArguments = ({ properties }: InputSchema): string[] =>
  Object.entries(properties).flatMap(([name, property]) => describeArgument(name, property));

function describeArgument(path: string, { description, enum: choices, items, properties }: InputProperty): string[] {
  const among = choices === undefined ? [] : [`one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`];
  const words = [...(description === undefined ? [] : [description]), ...among].join("; ");
  const inside = Object.entries(properties ?? {}).flatMap(([name, property]) =>
    describeArgument(`${path}.${name}`, property),
  );
  const ofList = items === undefined ? [] : describeArgument(`${path}[]`, items).filter((line) => !line.endsWith("[]"));
  return [words === "" ? path : `${path}: ${words}`, ...ofList, ...inside];
}
