import { type HookStatus, hookStatus, installHooks, openGit, uninstallHooks } from "@trust-cli/core/git";
import { exitStatus } from "@trust-cli/core/protocol";

import { commandScript } from "../composition/locations.ts";
import { loadSettings, type Settings } from "../composition/settings.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";

export const hooksCommand: CommandModule = {
  register(program, run) {
    const hooks = program.command("hooks").description("Git hooks that suggest messages and check what is staged");
    const install = hooks
      .command("install")
      .description("install them in this repository; hooks that are there run first")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust hooks install");
    install.action(() => run(() => act(sharedOptions(install), "install")));
    const uninstall = hooks
      .command("uninstall")
      .description("remove them and restore what was there")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust hooks uninstall");
    uninstall.action(() => run(() => act(sharedOptions(uninstall), "uninstall")));
    const status = hooks
      .command("status")
      .description("whether they are installed, and what runs before them")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust hooks status");
    status.action(() => run(() => act(sharedOptions(status), "status")));
  },
};

async function act(options: SharedOptions, verb: "install" | "uninstall" | "status"): Promise<number> {
  const settings = await loadSettings(options, true);
  const git = await openGit(settings.workspace.root);
  const status = await {
    install: () => installHooks(git, { node: process.execPath, script: commandScript() }),
    uninstall: () => uninstallHooks(git),
    status: () => hookStatus(git),
  }[verb]();
  printResult(options.json, status, () => statusText(status, settings));
  return verb === "status" && status.state === "stale" ? exitStatus.missing : exitStatus.done;
}

function statusText({ state, folder, chainsTo, chained, hooks }: HookStatus, { config }: Settings): string {
  const before = chained.length === 0 ? `no hooks in ${chainsTo}` : `${chained.join(", ")} in ${chainsTo}`;
  switch (state) {
    case "installed":
      return [
        `installed: ${hooks.join(", ")} (${folder})`,
        `runs first: ${before}`,
        `steps aside after ${config.hooks.seconds} s; TRUST_HOOKS=0 git commit … skips both\n`,
      ].join("\n");
    case "absent":
      return `not installed\nin charge: ${before}\n  trust hooks install\n`;
    case "shadowed":
      return `installed, but core.hooksPath now points elsewhere: ${chainsTo}\n  trust hooks install\n`;
    case "stale":
      return `core.hooksPath points to ${folder}, which is gone or incomplete: no hook runs\n  trust hooks install\n`;
  }
}
