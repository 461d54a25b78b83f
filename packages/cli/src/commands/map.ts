import type { CodeMap } from "@trust-cli/core/codebase";

import { createAppToLook } from "../composition/app.ts";
import { showIndexing } from "../print/indexing.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";
import { interruptSignal } from "./interrupt.ts";
import { wholeNumber } from "./whole-number.ts";

export const mapCommand: CommandModule = {
  register(program, run) {
    const map = program
      .command("map [question...]")
      .description("what matters in this code base, or for a question: files and what they define")
      .option("--budget <tokens>", "about how many tokens it may have (default: 1000)", wholeNumber)
      .option("--file <file...>", "files that are being worked on")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", '\nExample:\n  trust map "where are settings read" --budget 2000');
    map.action((question: string[]) => run(() => showMap(question.join(" "), sharedOptions(map))));
  },
};

type MapFlags = SharedOptions & { budget?: number; file?: string[] };

const usualBudget = 1000;

async function showMap(query: string, options: MapFlags): Promise<number> {
  const app = await createAppToLook(options);
  using interrupt = interruptSignal();
  const index = await app.code.open();
  await showIndexing(index, interrupt.signal);
  const files = (options.file ?? []).map((file) => app.workspace.nameOf(file));
  const drawn = await index.map({ query, files, budget: options.budget ?? usualBudget });
  printResult(options.json, drawn, () => textOf(drawn));
  return 0;
}

const textOf = ({ text, known }: CodeMap): string =>
  text === "" ? `No code that can be mapped is here (${known} files are known).\n` : text;
