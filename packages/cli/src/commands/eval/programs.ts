import { dirname, delimiter } from "node:path";

import { commandEnvironment } from "@trust-cli/core/workspace";

import { runProgram } from "./run-program.ts";
import type { Language, Task } from "./task.ts";

/** What each language needs here, with the arguments that have it say its version. */
const toolchains: Readonly<Record<Language, readonly (readonly string[])[]>> = {
  typescript: [["node", "--version"]],
  javascript: [["node", "--version"]],
  python: [["python3", "--version"]],
  go: [["go", "version"]],
  rust: [
    ["cargo", "--version"],
    ["rustc", "--version"],
  ],
  java: [
    ["javac", "-version"],
    ["java", "-version"],
  ],
};
const versionSeconds = 60;
const lookUp = process.platform === "win32" ? ["where"] : ["command", "-v"];

/** For tests of others' code: without secrets, without the network, and with the Node that runs this program. */
export function testEnvironment(): NodeJS.ProcessEnv {
  const environment = commandEnvironment(withoutGit(process.env));
  const path = [dirname(process.execPath), environment["PATH"] ?? ""].join(delimiter);
  // Set by a test runner around us, it would have the tests of a task report to that one.
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...others } = environment;
  const offline = { GOTOOLCHAIN: "local", GOPROXY: "off", GOFLAGS: "-mod=mod", CARGO_NET_OFFLINE: "true" };
  return { ...others, ...offline, PATH: path, PYTHONDONTWRITEBYTECODE: "1" };
}

/** Without what Git sets for its hooks, which would have another Git work on the person's repository. */
export function withoutGit(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("GIT_")));
}

/** Finds out what is not on this machine, asking for each program once. */
export function toolchainFinder(signal: AbortSignal): (task: Task) => Promise<string[]> {
  const known = new Map<string, Promise<boolean>>();
  const isHere = (argv: readonly string[]): Promise<boolean> => {
    const name = argv.join(" ");
    const found = known.get(name) ?? answers(argv, signal);
    known.set(name, found);
    return found;
  };
  return async ({ language, test }) => {
    const missing: string[] = [];
    for (const argv of toolchains[language]) if (!(await isHere(argv))) missing.push(argv[0] ?? "");
    const [program = ""] = test;
    const isChecked = toolchains[language].some(([name]) => name === program);
    if (!isChecked && !(await isHere([...lookUp, program]))) missing.push(program);
    return missing;
  };
}

async function answers(argv: readonly string[], signal: AbortSignal): Promise<boolean> {
  const run = { argv, cwd: process.cwd(), environment: testEnvironment(), seconds: versionSeconds };
  return (await runProgram(run, signal)).exitCode === 0;
}
