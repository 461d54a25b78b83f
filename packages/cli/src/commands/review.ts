import {
  type Finding,
  isBlocking,
  openGit,
  readStagedDiff,
  type Remarks,
  reviewFacts,
  reviewRemarks,
} from "@trust-cli/core/git";
import { exitStatus, TrustError } from "@trust-cli/core/protocol";

import { withWriter } from "../composition/commit-message.ts";
import { loadSettings } from "../composition/settings.ts";
import { findingLine } from "../print/findings.ts";
import { writeNotice } from "../print/output.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";
import { interruptSignal } from "./interrupt.ts";

type ReviewOptions = SharedOptions & { staged?: boolean };

export const reviewCommand: CommandModule = {
  register(program, run) {
    const review = program
      .command("review")
      .description("look for mistakes in what is staged: facts by rules, then the model's remarks")
      .option("--staged", "what would be committed now")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust review --staged");
    review.action(() => run(() => reviewStaged(sharedOptions(review))));
  },
};

async function reviewStaged(options: ReviewOptions): Promise<number> {
  if (options.staged !== true) {
    throw new TrustError("USAGE", "say what to review", { hint: "trust review --staged" });
  }
  const settings = await loadSettings(options);
  for (const notice of settings.resolved.notices) writeNotice(notice);
  using interrupt = interruptSignal();
  const { signal } = interrupt;
  const git = await openGit(settings.workspace.root, signal);
  const files = await readStagedDiff(git, signal);
  const facts = await reviewFacts(git, files, signal);
  const remarks = await withWriter(settings, (writer) => reviewRemarks(files, writer, signal));
  const value = { files: files.length, facts, remarks: remarks.remarks, problem: remarks.problem ?? null };
  printResult(options.json, value, () => reviewText(files.length, facts, remarks));
  return facts.some(isBlocking) ? exitStatus.failed : exitStatus.done;
}

function reviewText(files: number, facts: readonly Finding[], { remarks, problem }: Remarks): string {
  if (files === 0) return "nothing is staged\n";
  const found =
    facts.length === 0 ? ["no secrets, conflict markers, debug leftovers or large files"] : facts.map(findingLine);
  const said = remarks.map(({ path, line, text }) => `? ${path}:${line}  the model: ${text}`);
  const why = problem === undefined ? [] : [`no remarks by the model: ${problem}`];
  const none = said.length === 0 && problem === undefined ? ["the model has no remarks"] : [];
  return `${[...found, ...said, ...why, ...none].join("\n")}\n`;
}
