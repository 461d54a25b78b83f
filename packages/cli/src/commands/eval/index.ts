import type { Command } from "commander";

import { type CommandModule, type Run, sharedOptions } from "../command.ts";
import { wholeNumber } from "../whole-number.ts";
import type { CodingOptions } from "./coding.ts";
import type { Selection } from "./suite.ts";

const codingHelp = `
Each task runs in a fresh copy of its repository, in mode edit, and is judged by the exit status of its hidden tests.
The tests run what the model wrote, with your rights.

Examples:
  trust eval coding -m ollama/qwen3 --attempts 2 --out qwen3.jsonl
  trust eval coding --suite ./our-tasks --language go --language rust --json`;

export const evalCommand: CommandModule = {
  register(program, run) {
    const group = program.command("eval").description("how well a model works on code here, task by task");
    const coding = withSelection(group.command("coding"))
      .description("have the model solve tasks in small repositories, and judge each by hidden tests")
      .option("--attempts <number>", "a further attempt sees what the tests said", wholeNumber, 1)
      .option("--out <file>", "append each result, and go on there after an interruption")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", codingHelp);
    coding.action(() =>
      run(async () => (await import("./coding.ts")).evalCoding(sharedOptions(coding) as CodingOptions)),
    );
    registerCheck(group, run);
  },
};

function registerCheck(group: Command, run: Run): void {
  const check = withSelection(group.command("check"))
    .description("whether each task's tests fail before its solution and pass after it; asks no model")
    .option("--json", "one JSON value on stdout")
    .addHelpText("after", "\nExample:\n  trust eval check --suite ./our-tasks");
  check.action(() => run(async () => (await import("./check.ts")).checkSuite(sharedOptions(check) as Selection)));
}

const withSelection = (command: Command): Command =>
  command
    .option("--suite <folder>", "builtin, or a folder of tasks", "builtin")
    .option("--task <glob>", "tasks by id, * for any text; may be repeated", collect)
    .option("--language <name>", "tasks in this language; may be repeated", collect);

const collect = (value: string, previous: string[] | undefined): string[] => [...(previous ?? []), value];
