import { readFile } from "node:fs/promises";
import { join } from "node:path";

import dockerignore from "@balena/dockerignore";

import { TrustError } from "../protocol/errors.ts";
import { kitfileNames } from "./kitfile/read.ts";

const ignoreFile = ".kitignore";
/** Files that systems leave in folders, in any case of letters. */
const litter = new Set([".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db", ".spotlight-v100", ".trashes"]);
/** Where an unpacked kit keeps its manifest; never part of the kit itself. */
const kitFolder = ".kit";

export interface IgnoreRules {
  /** Is this path, relative to the Kitfile's folder, left out? */
  ignores(path: string): boolean;
  /** May something below an ignored folder be in again? */
  hasExceptions: boolean;
}

/** The rules of `.kitignore`, those of .dockerignore; Kitfiles and the file itself are always left out. */
export async function readIgnoreRules(folder: string): Promise<IgnoreRules> {
  const rules = (await readRules(join(folder, ignoreFile))).split(/\r?\n/);
  const matcher = dockerignore.default().add([...rules, ...kitfileNames, ignoreFile]);
  return {
    ignores: (path) => isOurs(path) || path.split("/").some(isLitter) || matcher.ignores(path),
    hasExceptions: rules.some((rule) => rule.trim().startsWith("!")),
  };
}

const isOurs = (path: string): boolean => path === kitFolder || path.startsWith(`${kitFolder}/`);
const isLitter = (name: string): boolean => litter.has(name.toLowerCase());

async function readRules(path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    return text.replace(/^\uFEFF/, "");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new TrustError("KIT_INVALID", `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
