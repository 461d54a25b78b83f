import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { TrustError } from "../../protocol/errors.ts";
import { isReferenceToKit } from "../reference.ts";
import { sizeOf } from "../store/files.ts";
import { parseKitfile } from "./parse.ts";
import type { Kitfile } from "./shape.ts";

export const kitfileNames = ["Kitfile", "kitfile", ".kitfile"] as const;

/** Reads the Kitfile of a folder, or the one that is named. Throws KIT_INVALID, also when there is none. */
export async function readKitfile(
  folder: string,
  named: string | undefined,
): Promise<{ kitfile: Kitfile; source: string }> {
  const candidates = named === undefined ? kitfileNames.map((name) => join(folder, name)) : [named];
  for (const source of candidates) {
    const text = await readIfThere(source);
    if (text !== undefined) return { kitfile: await withOwnModel(parseKitfile(text, source), folder), source };
  }
  throw new TrustError("KIT_INVALID", `there is no Kitfile ${named === undefined ? `in ${folder}` : `at ${named}`}`, {
    hint: "a Kitfile names what belongs to the kit; the smallest is: manifestVersion: 1.0.0 and model: {path: model.gguf}",
  });
}

/** A file that is there is the model, even when its name could be a kit's: `./` before it says so to every reader. */
async function withOwnModel(kitfile: Kitfile, folder: string): Promise<Kitfile> {
  const path = kitfile.model?.path;
  if (path === undefined || !isReferenceToKit(path) || (await sizeOf(join(folder, path))) === undefined) return kitfile;
  return { ...kitfile, model: { ...kitfile.model, path: `./${path}` } };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new TrustError("KIT_INVALID", `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
