import { posix } from "node:path";

import { shellWord } from "../protocol/words.ts";
import { endingOf, type ProjectTool } from "./project-tool.ts";
import { foldersUp, isInside, type Project, seenFrom } from "./project.ts";

/** A tool that is going to run. `command` is for a shell at the root, and `files` are the paths that asked for it. */
export interface PlannedRun<Report> {
  tool: ProjectTool<Report>;
  folder: string;
  files: readonly string[];
  /** It finds everything in the folder, and not only in `files`. */
  isWhole: boolean;
  command: string;
}

/** `missing`: what the project uses that is not installed. */
export interface Plan<Report> {
  runs: PlannedRun<Report>[];
  missing: string[];
}

/** Folders of packages that one call goes through. */
const mostFolders = 8;

/**
 * What is to be run for some paths from the root, or for all of it: for each path the nearest folder up to the root
 * decides that uses a tool. Below a folder that uses none, the outermost ones do.
 */
export function planRuns<Report>(
  tools: readonly ProjectTool<Report>[],
  { paths, name }: { paths: readonly string[]; name?: string | undefined },
  project: Project,
): Plan<Report> {
  const plan: Plan<Report> = { runs: [], missing: [] };
  const wanted = paths.length === 0 ? ["."] : paths;
  for (const family of new Set(tools.map((tool) => tool.family))) {
    const relatives = tools.filter((tool) => tool.family === family);
    const places = new Map<string, string[]>();
    for (const path of wanted) {
      for (const folder of foldersFor(path, relatives, project)) {
        places.set(folder, [...(places.get(folder) ?? []), path]);
      }
    }
    for (const [folder, files] of places) addRun(plan, { relatives, folder, files, name }, project);
  }
  return plan;
}

interface Place<Report> {
  relatives: readonly ProjectTool<Report>[];
  folder: string;
  files: readonly string[];
  name: string | undefined;
}

function addRun<Report>(plan: Plan<Report>, { relatives, folder, files, name }: Place<Report>, project: Project): void {
  const isAll = files.some((path) => isInside(path, folder));
  const paths = isAll ? [] : files.map((path) => seenFrom(folder, path));
  const used = relatives.filter((tool) => tool.uses(folder, project));
  for (const tool of used) {
    const command = tool.command({ folder, paths, name }, project);
    if (command === undefined) continue;
    const line = folder === "." ? command : `cd ${shellWord(seenFrom(".", folder))} && ${command}`;
    plan.runs.push({ tool, folder, files, isWhole: isAll || tool.isWhole === true, command: line });
    return;
  }
  plan.missing.push(`${used.map(({ id }) => id).join(" or ")} (${folder === "." ? "at the root" : `in ${folder}`})`);
}

function foldersFor<Report>(path: string, tools: readonly ProjectTool<Report>[], project: Project): string[] {
  const isFor = (file: string): boolean => tools.some(({ extensions }) => extensions.has(endingOf(file)));
  const isUsed = (folder: string): boolean => tools.some((tool) => tool.uses(folder, project));
  const isFolder = project.isFolder(path);
  if (isFolder ? !project.files(path).some(isFor) : !isFor(path)) return [];
  const nearest = foldersUp(isFolder ? path : posix.dirname(path)).find(isUsed);
  if (nearest !== undefined || !isFolder) return nearest === undefined ? [] : [nearest];
  return outermost(path, isFor, project).filter(isUsed).reduce<string[]>(withoutInner, []).slice(0, mostFolders);
}

/** The folders below one that lead to files of a kind, the outer ones first. */
function outermost(path: string, isFor: (file: string) => boolean, project: Project): string[] {
  const holders = project
    .files(path)
    .filter(isFor)
    .map((file) => posix.dirname(file));
  const folders = new Set(holders.flatMap((folder) => foldersUp(folder).filter((one) => isInside(path, one))));
  return [...folders].toSorted((one, other) => one.split("/").length - other.split("/").length);
}

const withoutInner = (taken: string[], folder: string): string[] =>
  taken.some((outer) => isInside(outer, folder)) ? taken : [...taken, folder];
