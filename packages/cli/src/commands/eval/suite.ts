import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";

import { TrustError } from "@trust-cli/core/protocol";

import { codingTasksFolder } from "../../composition/locations.ts";
import type { SharedOptions } from "../command.ts";
import { type Language, languages, readTask, type Task } from "./task.ts";

/** The tasks that a command line names. */
export type Selection = SharedOptions & { suite: string; task?: string[]; language?: string[] };

export interface Suite {
  /** As the person named it. */
  name: string;
  /** Of every file of every task, whichever of them run. */
  digest: string;
  /** Those that were asked for, by id. */
  tasks: readonly Task[];
}

/** Reads all tasks of the suite strictly, and keeps those that were asked for. Throws when none is left. */
export async function openSuite({ suite, task: globs, language: named }: Selection, cwd: string): Promise<Suite> {
  const folder = suite === "builtin" ? codingTasksFolder : resolve(cwd, suite);
  const wanted = named?.map(languageOf);
  const tasks = await readTasks(folder);
  const isWanted = ({ id, language }: Task): boolean =>
    (globs === undefined || globs.some((glob) => matches(glob, id))) &&
    (wanted === undefined || wanted.includes(language));
  const chosen = tasks.filter(isWanted);
  if (chosen.length === 0) {
    throw new TrustError("USAGE", `none of the ${tasks.length} tasks of ${suite} was asked for`, {
      hint: "without --task and --language all of them run",
    });
  }
  return { name: suite, digest: await digestOf(folder, tasks), tasks: chosen };
}

function languageOf(name: string): Language {
  const found = languages.find((one) => one === name);
  if (found !== undefined) return found;
  throw new TrustError("USAGE", `there are no tasks in ${name}`, { hint: `the languages are ${languages.join(", ")}` });
}

/** `*` stands for any text. */
function matches(glob: string, id: string): boolean {
  const parts = glob.split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join(".*")}$`).test(id);
}

async function readTasks(folder: string): Promise<Task[]> {
  const names = (await entriesOf(folder)).filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const tasks: Task[] = [];
  for (const { name } of names.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    tasks.push(await readTask(join(folder, name)));
  }
  if (tasks.length > 0) return tasks;
  throw new TrustError("INPUT_INVALID", `${folder} holds no tasks`, {
    hint: "a suite is a folder with one folder for each task; docs/evaluation.md",
  });
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new TrustError("INPUT_INVALID", `the suite ${folder} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

async function digestOf(folder: string, tasks: readonly Task[]): Promise<string> {
  const hash = createHash("sha256");
  for (const task of tasks) {
    for (const file of await filesIn(task.folder)) {
      const name = relative(folder, file).split(sep).join("/");
      hash
        .update(name)
        .update("\0")
        .update(await readFile(file))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

/** Every file below the folder, in the order of their names. Links are not followed. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted();
}
