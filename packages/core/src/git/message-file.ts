import { readFile, writeFile } from "node:fs/promises";

import type { Git } from "./run-git.ts";

const scissors = "------------------------ >8 ------------------------";

/**
 * Puts a suggestion at the top of the file that Git is about to open in an editor. Keeps everything below it, and
 * leaves the file alone when a template has already put words there. Returns whether the suggestion is in it.
 */
export async function suggestMessage(
  git: Git,
  file: string,
  suggestion: () => Promise<string | undefined>,
): Promise<boolean> {
  const comment = await commentPrefix(git);
  const before = await readFile(file, "utf8");
  if (hasWords(before, comment)) return false;
  const text = await suggestion();
  if (text === undefined) return false;
  await writeFile(file, `${text}\n${before.startsWith("\n") ? "" : "\n"}${before}`);
  return true;
}

async function commentPrefix(git: Git): Promise<string> {
  const configured = await git.run(["config", "--get", "core.commentChar"]).catch(() => "");
  const value = configured.trim();
  return value === "" || value === "auto" ? "#" : value;
}

function hasWords(text: string, comment: string): boolean {
  const end = text.indexOf(`${comment} ${scissors}`);
  const lines = (end === -1 ? text : text.slice(0, end)).split("\n");
  return lines.some((line) => line.trim() !== "" && !line.startsWith(comment));
}
