import {
  type ConfigExplanation,
  configReference,
  explainConfig,
  getConfigValue,
  setConfigValue,
  userConfigFile,
} from "@trust-cli/core/config";

import { createApp, createAppToLook } from "../composition/app.ts";
import { writeNotice } from "../print/output.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";

export const configCommand: CommandModule = {
  register(program, run) {
    const config = program.command("config").description("read and change settings");
    const get = config
      .command("get [key]")
      .description("the value in force, or all of them")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust config get limits.steps");
    get.action((key: string | undefined) => run(() => getSetting(key, sharedOptions(get))));
    const set = config
      .command("set <key> <value>")
      .description("change a setting in your own file")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust config set mode edit");
    set.action((key: string, value: string) => run(() => setSetting(key, value, sharedOptions(set))));
    const explain = config
      .command("explain <key>")
      .description("which file, variable or flag decides a setting")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust config explain model");
    explain.action((key: string) => run(() => explainSetting(key, sharedOptions(explain))));
    const path = config
      .command("path")
      .description("the files that settings come from")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust config path");
    path.action(() => run(() => showPaths(sharedOptions(path))));
  },
};

async function getSetting(key: string | undefined, options: SharedOptions): Promise<number> {
  const { resolved } = await createApp(options, false);
  if (key !== undefined) {
    const value = getConfigValue(resolved.config, key);
    printResult(options.json, value ?? null, () => `${display(value)}\n`);
    return 0;
  }
  printResult(options.json, resolved.config, () =>
    configReference()
      .map((entry) => `${entry.key.padEnd(24)} ${display(getConfigValue(resolved.config, entry.key))}\n`)
      .join(""),
  );
  return 0;
}

const display = (value: unknown): string =>
  value === undefined ? "(not set)" : typeof value === "string" ? value : JSON.stringify(value);

async function setSetting(key: string, value: string, options: SharedOptions): Promise<number> {
  const app = await createAppToLook({});
  const file = await userConfigFile(app.paths);
  const stored = await setConfigValue(file, key, value);
  printResult(options.json, { key, value: stored, file }, () => `${key} = ${display(stored)} in ${file}\n`);
  return 0;
}

async function explainSetting(key: string, options: SharedOptions): Promise<number> {
  const { resolved } = await createApp(options, false);
  const explanation = explainConfig(resolved, key);
  printResult(options.json, explanation, () => explanation.map(explanationLine).join(""));
  return 0;
}

function explanationLine({ source, file, value, won }: ConfigExplanation): string {
  return `${won ? "›" : " "} ${source.padEnd(12)} ${display(value)}${file === undefined ? "" : `  ${file}`}\n`;
}

async function showPaths(options: SharedOptions): Promise<number> {
  const { resolved, paths } = await createAppToLook(options);
  const files = resolved.layers.flatMap(({ source, file }) => (file === undefined ? [] : [{ source, file }]));
  if (options.json !== true) for (const { message } of resolved.problems) writeNotice(message);
  const value = { userFile: await userConfigFile(paths), inUse: files, ...paths };
  printResult(options.json, value, () => {
    const others = files.filter(({ source }) => source !== "user");
    const inUse = others.map(({ source, file }) => `${source.padEnd(12)} ${file}\n`).join("");
    return `your file    ${value.userFile}\n${inUse}data         ${paths.data}\nstate        ${paths.state}\n`;
  });
  return 0;
}
