import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";

import { parseYaml } from "@trust-cli/core/config";
import { TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

export const languages = ["typescript", "javascript", "python", "go", "rust", "java"] as const;
const kinds = ["add", "fix", "refactor", "multi-file", "implement"] as const;

export const Language = z.enum(languages);
export type Language = z.infer<typeof Language>;
export const Kind = z.enum(kinds);

const mostSeconds = 3600;
const mostMinutes = 240;

/** What `task.yaml` holds. */
const TaskFile = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "small letters, digits and single hyphens"),
  language: Language,
  kind: Kind,
  prompt: z.string().trim().min(1),
  test: z.array(z.string().min(1)).min(1),
  seconds: z.int().positive().max(mostSeconds),
  turnMinutes: z.number().positive().max(mostMinutes).default(10),
});

export interface Task extends z.infer<typeof TaskFile> {
  folder: string;
}

/** Reads a task strictly. Throws INPUT_INVALID with the name of the file or folder that is wrong. */
export async function readTask(folder: string): Promise<Task> {
  const file = join(folder, "task.yaml");
  const task = parseYaml(await readText(file), TaskFile, file);
  if (task.id !== basename(folder)) throw invalid(`${file}: id is ${task.id}, and its folder is ${basename(folder)}`);
  for (const name of ["repository", "tests"]) await requireFolder(folder, name);
  return { ...task, folder };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw invalid(`${file} cannot be read: ${(cause as Error).message}`);
  }
}

/** Throws INPUT_INVALID when the task lacks this folder. */
export async function requireFolder(task: string, name: string): Promise<void> {
  const found = await stat(join(task, name)).catch(() => undefined);
  if (found?.isDirectory() !== true) throw invalid(`${task} has no folder ${name}`);
}

const invalid = (message: string): TrustError =>
  new TrustError("INPUT_INVALID", message, { hint: "docs/evaluation.md has the form of a task" });
