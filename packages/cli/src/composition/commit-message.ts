import { systemPrompt } from "@trust-cli/core/engine";
import {
  formatCommitMessage,
  openGit,
  readStagedDiff,
  type StagedFile,
  writeCommitMessage,
  type WrittenMessage,
  type Writer,
} from "@trust-cli/core/git";
import { TrustError } from "@trust-cli/core/protocol";

import { chooseModel } from "./model.ts";
import { type AppFlags, loadSettings, type Settings } from "./settings.ts";

/** A message for what is staged, as editors ask for it. */
export async function stagedCommitMessage(
  flags: AppFlags,
  signal: AbortSignal,
): Promise<{ message: string; problems?: string[] }> {
  const settings = await loadSettings(flags);
  const git = await openGit(settings.workspace.root, signal);
  const files = await readStagedDiff(git, signal);
  if (files.length === 0) throw nothingStaged();
  const { message, problem } = await messageFromModel(settings, files, signal);
  return { message: formatCommitMessage(message), ...(problem === undefined ? {} : { problems: [problem] }) };
}

export const nothingStaged = (): TrustError =>
  new TrustError("INPUT_INVALID", "nothing is staged, so there is nothing to commit", { hint: "git add FILE" });

/** A message for these files, by the model of the settings. */
export const messageFromModel = (
  settings: Settings,
  files: readonly StagedFile[],
  signal: AbortSignal,
): Promise<WrittenMessage> => withWriter(settings, (writer) => writeCommitMessage(files, writer, signal));

/** Loads the model for one piece of work, and lets it go after it. */
export async function withWriter<T>(settings: Settings, work: (writer: Writer) => Promise<T>): Promise<T> {
  const { config, workspace, paths, environment } = settings;
  const { port, profile } = await chooseModel(config, workspace.root, paths, environment);
  await using model = port;
  const systemText = systemPrompt(profile.prompt, workspace.root, { own: config.instructions });
  return await work({ model, profile, systemText });
}
