import { readFileSync } from "node:fs";
import { mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import { checkSetting, knownKey } from "./check-setting.ts";
import { findUserFile } from "./discover.ts";
import type { TrustPaths } from "./paths.ts";

/** The person's own settings file: the one in use, or where a new one goes. */
export async function userConfigFile(paths: TrustPaths): Promise<string> {
  return findUserFile(paths.config)?.file ?? join(paths.config, "config.yaml");
}

/**
 * Changes one setting in a file and keeps everything else, comments too. The file is replaced whole or
 * not at all. Returns the value as it was stored.
 */
export async function setConfigValue(file: string, key: string, text: string): Promise<unknown> {
  const { changeSettings, parseValue, readSettings } = await import("./read-file.ts");
  const known = knownKey(key);
  const value = checkSetting(known, parseValue(known, text), "the value of ");
  const before = readOrEmpty(file);
  readSettings(file, before);
  const after = changeSettings(before, known, value, file.endsWith(".json") ? "json" : "yaml");
  // A link, as people keep for their dot files, stays a link.
  await replaceFile(await realpath(file).catch(() => file), after);
  return value;
}

/** The file is replaced whole or not at all. */
export const writeSettingsFile = (file: string, text: string): Promise<void> => replaceFile(file, text);

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new TrustError("CONFIG_UNREADABLE", `${file} cannot be read`, { hint: "check its rights", cause });
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.new-${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const { code = "" } = cause as NodeJS.ErrnoException;
    throw new TrustError("FILE_FAILED", `${file} could not be written (${code}); it is unchanged`, {
      hint: "check the rights of its folder and the space on the disk",
      cause,
    });
  }
}
