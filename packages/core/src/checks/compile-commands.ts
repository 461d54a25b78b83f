import { posix } from "node:path";

import * as z from "zod";

import { parseUnknownJson } from "../protocol/json.ts";
import { cEndings, commandLine, endingOf, type Scope } from "./project-tool.ts";
import { createLocate, type Project, seenFrom } from "./project.ts";

const Database = z.array(
  z.looseObject({
    directory: z.string(),
    file: z.string(),
    command: z.string().optional(),
    arguments: z.array(z.string()).optional(),
  }),
);
type Entry = z.infer<typeof Database>[number];

const mostFiles = 30;
/** Where headers may be when no build says so. */
const likelyFolders = ["include", "inc", "src"];

/** One compiler call a file, with the flags that the build gives it; headers are checked by who includes them. */
export function clangCommand({ folder, paths }: Scope, project: Project): string | undefined {
  const program = ["clang", "gcc"].find((name) => project.pathProgram(name) !== undefined);
  const entries = readDatabase(folder, project);
  const isSource = (path: string): boolean => cEndings.has(endingOf(path)) && !endingOf(path).startsWith("h");
  const chosen = paths.filter(isSource);
  const known = entries.size > 0 ? [...entries.keys()] : project.files(folder).filter(isSource);
  const files = chosen.length > 0 ? chosen : known.map((path) => seenFrom(folder, path));
  const lines = files.slice(0, mostFiles).map((file) => {
    const flags = flagsOf(entries.get(posix.join(folder, file)), folder, project);
    return commandLine(program, "-fsyntax-only", ...flags, file);
  });
  return program === undefined || lines.length === 0 ? undefined : lines.join("; ");
}

/** By path from the root. */
function readDatabase(folder: string, project: Project): Map<string, Entry> {
  const name = ["compile_commands.json", "build/compile_commands.json"].find((one) => project.has(folder, one));
  const entries = new Map<string, Entry>();
  if (name === undefined) return entries;
  const locate = createLocate(project.root, folder);
  try {
    for (const entry of Database.parse(parseUnknownJson(project.text(folder, name), name))) {
      const path = locate(entry.file.startsWith("/") ? entry.file : posix.join(entry.directory, entry.file));
      if (path !== undefined) entries.set(path, entry);
    }
  } catch {
    return entries;
  }
  return entries;
}

const takesValue = /^(-I|-isystem|-iquote|-include|-D|-U)(.*)$/;
const keptAsItIs = /^-(std=|W|pthread$|f(?!syntax|ile|output|plugin|dump)|m)/;

/** Definitions, include folders, warnings and the language's version; all that writes or links stays out. */
function flagsOf(entry: Entry | undefined, folder: string, project: Project): string[] {
  if (entry === undefined)
    return likelyFolders.filter((name) => project.has(folder, name)).flatMap((name) => ["-I", name]);
  const words = wordsOf(entry);
  return words.flatMap((word, index) => {
    const [, option, value = ""] = takesValue.exec(word) ?? [];
    if (option === undefined) return keptAsItIs.test(word) ? [word] : [];
    const given = value === "" ? (words[index + 1] ?? "") : value;
    return /^-[DU]/.test(option) ? [option + given] : [option, resolved(given, entry, folder, project)];
  });
}

const wordsOf = ({ arguments: list, command = "" }: Entry): string[] =>
  list ?? command.match(/(?:"(?:\\.|[^"])*"|\\.|[^\s"])+/g)?.map(unquoted) ?? [];

function resolved(path: string, { directory }: Entry, folder: string, project: Project): string {
  const absolute = path.startsWith("/") ? path : posix.join(directory, path);
  const inside = posix.relative(project.root, absolute);
  return inside.startsWith("..") ? absolute : seenFrom(folder, inside);
}

const unquoted = (word: string): string => word.replaceAll(/\\(.)|"/g, "$1");
