import { flushCompileCache } from "node:module";

import type { SessionChoice } from "../composition/chat-session.ts";
import type { AppFlags } from "../composition/settings.ts";

/** The chat in a terminal. The screen is loaded while the settings are read. Returns the exit status. */
export async function runChatCommand(flags: AppFlags, session: SessionChoice): Promise<number> {
  const [{ runChat }, { createChatController }] = await Promise.all([
    import("../tui/index.ts"),
    import("../composition/chat-controller.ts"),
  ]);
  await using controller = await createChatController(flags, session);
  using _watch = leaveWithTheLauncher();
  // What was compiled for the first frame serves the next start, also when this chat is killed.
  setTimeout(flushCompileCache, compileCacheMilliseconds).unref();
  await runChat(controller);
  return 0;
}

/** When the shell or wrapper that started the chat is killed, the chat must not fight the next one for the terminal. */
function leaveWithTheLauncher(): Disposable {
  const launcher = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== launcher) process.kill(process.pid, "SIGHUP");
  }, launcherCheckMilliseconds);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

const launcherCheckMilliseconds = 2000;
const compileCacheMilliseconds = 3000;
