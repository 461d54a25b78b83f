import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import { invalidSettings } from "./check-setting.ts";
import { findProfile, projectRoot, type SettingsFile } from "./discover.ts";
import type { Layer } from "./layers.ts";
import type { TrustPaths } from "./paths.ts";
import type { SettingKey } from "./settings.ts";
import { writeSettingsFile } from "./write.ts";

/** A profile is a settings file with a name: the person's own, or one that a project shares. */
export interface ProfileFile {
  name: string;
  file: string;
  scope: "user" | "project";
}

interface Places {
  paths: TrustPaths;
  cwd: string;
}

const profileFile = /\.(json|ya?ml)$/;
const validName = /^[\w-][\w.-]*$/;

const projectFolder = (cwd: string): string => join(projectRoot(cwd), ".trust");

/** The person's own profile of this name before the project's, which may only tighten. */
export function locateNamedProfile(
  { paths, cwd }: Places,
  name: string,
  ignored: string[],
): (SettingsFile & Pick<Layer, "source" | "restricted">) | undefined {
  if (!validName.test(name)) return undefined;
  const own = findProfile(paths.config, name);
  if (own !== undefined) return { ...own, source: "profile" };
  const shared = findProfile(projectFolder(cwd), name, { root: projectRoot(cwd), ignored });
  return shared === undefined ? undefined : { ...shared, source: "profile", restricted: true };
}

/** Own profiles first; a project's profile of the same name is listed too, though the own one is used. */
export function listProfiles({ paths, cwd }: Places): ProfileFile[] {
  return [...profilesIn(paths.config, "user"), ...profilesIn(projectFolder(cwd), "project")];
}

function profilesIn(folder: string, scope: ProfileFile["scope"]): ProfileFile[] {
  const profiles = join(folder, "profiles");
  let files: string[];
  try {
    files = readdirSync(profiles);
  } catch {
    return [];
  }
  return files
    .filter((file) => profileFile.test(file) && validName.test(file) && isFile(join(profiles, file)))
    .toSorted()
    .map((file) => ({ name: basename(file).replace(profileFile, ""), file: join(profiles, file), scope }));
}

/** Where a new profile goes. Throws USAGE for a name that is none. */
function profilePlace({ paths, cwd }: Places, name: string, scope: ProfileFile["scope"]): string {
  if (!validName.test(name)) {
    throw new TrustError("USAGE", `${JSON.stringify(name)} is no name for a profile`, {
      hint: "use letters, digits, dots and dashes, such as review",
    });
  }
  return join(scope === "user" ? paths.config : projectFolder(cwd), "profiles", `${name}.yaml`);
}

/** Throws USAGE when there is one of that name in this place: nothing is overwritten. */
export async function createProfile(places: Places, profile: Omit<ProfileFile, "file">, text: string): Promise<string> {
  const { name, scope } = profile;
  const file = profilePlace(places, name, scope);
  const existing = listProfiles(places).find((one) => one.name === name && one.scope === scope);
  if (existing !== undefined) {
    throw new TrustError("USAGE", `there is a profile ${name} already: ${existing.file}`, {
      hint: `trust profile edit ${name}`,
    });
  }
  if (scope === "project") requireInside(projectRoot(places.cwd), file);
  await writeSettingsFile(file, text);
  return file;
}

export async function removeProfile({ file }: ProfileFile): Promise<void> {
  try {
    await rm(file);
  } catch (cause) {
    throw new TrustError("FILE_FAILED", `${file} could not be removed (${(cause as NodeJS.ErrnoException).code})`, {
      hint: "check the rights of its folder",
      cause,
    });
  }
}

/** The settings in a profile, checked. Throws CONFIG_* with file, key and line, and PROFILE_MISSING for a link that leads out. */
export async function readProfile(
  { cwd }: Places,
  { file, name, scope }: ProfileFile,
): Promise<Map<SettingKey, unknown>> {
  const ignored: string[] = [];
  const within = scope === "project" ? { root: projectRoot(cwd), ignored } : undefined;
  const found = findProfile(dirname(dirname(file)), name, within);
  if (found === undefined) throw new TrustError("PROFILE_MISSING", ignored[0] ?? `${file} is not there any more`);
  const { readSettings } = await import("./read-file.ts");
  return asProfile(file, readSettings(file, found.text));
}

/** A profile is one set of settings: it cannot name another. */
export function asProfile<Values extends ReadonlyMap<SettingKey, unknown>>(file: string, values: Values): Values {
  if (!values.has("profile")) return values;
  throw invalidSettings(`${file}: a profile cannot name another profile`, `take the key profile out of ${file}`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** A project's folder may be a link that leads elsewhere: nothing is written there. */
function requireInside(root: string, file: string): void {
  let folder = dirname(file);
  while (!existsSync(folder)) folder = dirname(folder);
  const [real, realRoot] = [realpathSync.native(folder), realpathSync.native(root)];
  if (real === realRoot || real.startsWith(`${realRoot}${sep}`)) return;
  throw new TrustError("PATH_OUTSIDE", `${folder} leads out of the project, to ${real}`, {
    hint: "remove the link, or make the profile your own, without --project",
  });
}
