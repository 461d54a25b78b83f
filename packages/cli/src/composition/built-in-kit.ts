import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseJson, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

import { nanoFolder } from "./locations.ts";

/** The built-in model as the unpacked ModelKit that it is. */
export interface BuiltInKit {
  folder: string;
  /** Its weights, as the Kitfile names them. */
  path: string;
  name: string;
  version: string | undefined;
  /** Its manifest and config, to check the files against. */
  texts: { manifest: string; config: string };
}

const Config = z.object({
  package: z.object({ version: z.string().optional() }),
  model: z.object({ name: z.string(), path: z.string() }),
});

/** Reads two small files. Throws KIT_CORRUPT when they are not there or no kit's. */
export function readBuiltInKit(folder: string = nanoFolder): BuiltInKit {
  const texts = { manifest: readText(folder, "manifest.json"), config: readText(folder, "config.json") };
  const { package: about, model } = parseJson(texts.config, Config, "the built-in model's Kitfile", "KIT_CORRUPT");
  return { folder, path: join(folder, model.path), name: model.name, version: about.version, texts };
}

/** Throws KIT_CORRUPT when a file of the kit is not the one that was packed. Reads all of them: some 20 ms. */
export async function verifyBuiltInKit({ folder, texts }: BuiltInKit, signal: AbortSignal): Promise<void> {
  // Not all of the kits' code: a first start would wait for it.
  const { verifyUnpackedKit } = await import("@trust-cli/core/modelkit/unpacked");
  await verifyUnpackedKit(folder, texts, signal);
}

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, ".kit", name), "utf8");
  } catch (cause) {
    throw new TrustError("KIT_CORRUPT", `the built-in model lacks its ${name}`, { hint: "install trust again", cause });
  }
}
