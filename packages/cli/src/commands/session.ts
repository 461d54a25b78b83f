import { createSessionStore } from "@trust-cli/core/storage";

import { createAppToLook } from "../composition/app.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";

export const sessionCommand: CommandModule = {
  register(program, run) {
    const session = program.command("session").description("stored conversations");
    const list = session
      .command("list")
      .description("the newest sessions, with the id that trust -r takes")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust session list");
    list.action(() => run(() => listSessions(sharedOptions(list))));
  },
};

const shown = 30;

async function listSessions(options: SharedOptions): Promise<number> {
  const app = await createAppToLook(options);
  using store = createSessionStore(app.databasePath, app.locksPath);
  const sessions = store.list(shown);
  printResult(options.json, sessions, () => {
    if (sessions.length === 0) return "No sessions yet. Start one: trust\n";
    return sessions
      .map(
        ({ id, updatedAt, title, cwd }) => `${id}  ${updatedAt.slice(0, 16).replace("T", " ")}  ${title}  (${cwd})\n`,
      )
      .join("");
  });
  return 0;
}
