import { version } from "../version.ts";
import { type CommandModule, sharedOptions, type SharedOptions } from "./command.ts";
import { interruptSignal } from "./interrupt.ts";

export const acpCommand: CommandModule = {
  register(program, run) {
    const acp = program
      .command("acp")
      .description("serve an editor over stdin and stdout (Agent Client Protocol)")
      .addHelpText(
        "after",
        '\nExample, for Zed\'s settings:\n  "agent_servers": {"Trust": {"command": "trust", "args": ["acp"]}}',
      );
    acp.action(() => run(() => serve(sharedOptions(acp))));
  },
};

async function serve(flags: SharedOptions): Promise<number> {
  const { serveAcp } = await import("../acp/serve.ts");
  using interrupt = interruptSignal();
  await serveAcp(
    {
      flags,
      version,
      choices: async (app) => (await import("../composition/session-choices.ts")).sessionChoices(app),
      allModels: async (app, signal) => (await import("../composition/session-choices.ts")).allModels(app, signal),
      commitMessage: async (own, signal) =>
        (await import("../composition/commit-message.ts")).stagedCommitMessage(own, signal),
    },
    interrupt.signal,
  );
  return 0;
}
