import { spawn } from "node:child_process";

import {
  createProfile,
  listProfiles,
  type ProfileFile,
  readProfile,
  removeProfile,
  setConfigValue,
} from "@trust-cli/core/config";
import { exitStatus, TrustError } from "@trust-cli/core/protocol";

import { loadSettings, type Settings } from "../composition/settings.ts";
import { writeNotice } from "../print/output.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";

type ProfileOptions = SharedOptions & { project?: boolean };

export const profileCommand: CommandModule = {
  register(program, run) {
    const profile = program.command("profile").description("named sets of settings: model, mode, tools, text, limits");
    const list = profile
      .command("list")
      .description("your profiles and this project's")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust profile list");
    list.action(() => run(() => listAll(sharedOptions(list))));
    const show = profile
      .command("show <name>")
      .description("the settings of one profile")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust profile show review");
    show.action((name: string) => run(() => showProfile(name, sharedOptions(show))));
    const create = profile
      .command("create <name> [settings...]")
      .description("make a profile, with settings as KEY=VALUE")
      .option("--project", "in this project, for everyone who works on it")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust profile create review mode=plan limits.steps=10");
    create.action((name: string, settings: string[]) => run(() => makeProfile(name, settings, sharedOptions(create))));
    const edit = profile
      .command("edit <name>")
      .description("open a profile in your editor, and check it after")
      .addHelpText("after", "\nExample:\n  trust profile edit review");
    edit.action((name: string) => run(() => editProfile(name, sharedOptions(edit))));
    const remove = profile
      .command("remove <name>")
      .description("remove a profile")
      .option("--project", "the project's, where you have one of the same name")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust profile remove review");
    remove.action((name: string) => run(() => dropProfile(name, sharedOptions(remove))));
  },
};

const places = ({ paths, workspace }: Settings): Parameters<typeof listProfiles>[0] => ({ paths, cwd: workspace.root });

async function listAll(options: ProfileOptions): Promise<number> {
  const settings = await loadSettings(options, true);
  const inUse = settings.config.profile;
  const rows = listProfiles(places(settings)).map((one) => ({ ...one, inUse: one.name === inUse }));
  printResult(options.json, rows, () =>
    rows.length === 0
      ? "there are no profiles\n  trust profile create review mode=plan\n"
      : rows
          .map(
            ({ name, scope, file, inUse: used }) =>
              `${used ? "›" : " "} ${name.padEnd(16)} ${scope.padEnd(8)} ${file}\n`,
          )
          .join(""),
  );
  return exitStatus.done;
}

function findProfile(settings: Settings, name: string, scope?: ProfileFile["scope"]): ProfileFile {
  const all = listProfiles(places(settings));
  const found = all.find((one) => one.name === name && (scope === undefined || one.scope === scope));
  if (found !== undefined) return found;
  const names = [...new Set(all.map((one) => one.name))];
  throw new TrustError("PROFILE_MISSING", `there is no profile ${name}`, {
    hint: names.length === 0 ? `trust profile create ${name}` : `there are ${names.join(", ")}`,
  });
}

async function showProfile(name: string, options: ProfileOptions): Promise<number> {
  const app = await loadSettings(withoutProfile(options), true);
  const profile = findProfile(app, name);
  const settings = Object.fromEntries(await readProfile(places(app), profile));
  printResult(options.json, { ...profile, settings }, () => {
    const rows = Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
    return `${profile.file}\n${rows.length === 0 ? "(no settings)\n" : rows.join("")}`;
  });
  return exitStatus.done;
}

/** A profile that is looked at need not be one that can be used. */
function withoutProfile(options: ProfileOptions): ProfileOptions {
  const others = { ...options };
  delete others.profile;
  return others;
}

async function makeProfile(name: string, words: readonly string[], options: ProfileOptions): Promise<number> {
  const settings = await loadSettings(options, true);
  const assignments = words.map(readAssignment);
  const scope = options.project === true ? "project" : "user";
  const file = await createProfile(
    places(settings),
    { name, scope },
    `# The profile ${name}. trust config get lists all settings.\n`,
  );
  try {
    for (const [key, value] of assignments) await setConfigValue(file, key, value);
    await readProfile(places(settings), { name, scope, file });
  } catch (error) {
    await removeProfile({ name, scope, file });
    throw error;
  }
  printResult(options.json, { name, scope, file }, () => `made ${file}\n  trust --profile ${name}\n`);
  return exitStatus.done;
}

function readAssignment(word: string): [key: string, value: string] {
  const at = word.indexOf("=");
  if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
  throw new TrustError("USAGE", `${word} is no setting with a value`, { hint: "write KEY=VALUE, such as mode=plan" });
}

async function editProfile(name: string, options: ProfileOptions): Promise<number> {
  const settings = await loadSettings(withoutProfile(options), true);
  const profile = findProfile(settings, name);
  const editor = process.env["VISUAL"] ?? process.env["EDITOR"];
  if (editor === undefined || editor.trim() === "" || !process.stdin.isTTY) {
    throw new TrustError("USAGE", "no editor can be opened: EDITOR is not set, or there is no terminal", {
      hint: `change it by hand: ${profile.file}`,
    });
  }
  await openEditor(editor, profile.file);
  await readProfile(places(settings), profile);
  writeNotice(`${profile.file} is in order.`);
  return exitStatus.done;
}

/** EDITOR may hold options, so it is a line for the shell, as Git reads it too; the file is no part of that line. */
async function openEditor(editor: string, file: string): Promise<void> {
  const status = await new Promise<number | null>((resolve, reject) => {
    const child = spawn("sh", ["-c", `${editor} "$@"`, "sh", file], { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (status !== 0) throw new TrustError("PROGRAM_MISSING", `the editor (${editor}) ended with an error`);
}

async function dropProfile(name: string, options: ProfileOptions): Promise<number> {
  const settings = await loadSettings(withoutProfile(options), true);
  const profile = findProfile(settings, name, options.project === true ? "project" : undefined);
  await removeProfile(profile);
  printResult(options.json, profile, () => `removed ${profile.file}\n`);
  return exitStatus.done;
}
