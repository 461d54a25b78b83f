import { parseSize, TrustError } from "@trust-cli/core/protocol";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import type { SessionChoice } from "../composition/chat-session.ts";
import type { AppFlags } from "../composition/settings.ts";
import { helpText } from "../help.ts";
import { writeNotice } from "../print/output.ts";
import type { OutputFormat } from "../print/printers.ts";
import { reportError } from "../print/report-error.ts";
import { version } from "../version.ts";
import type { Run } from "./command.ts";
import { commands } from "./registry.ts";

interface ProgramOptions extends AppFlags {
  print?: string | true;
  outputFormat: OutputFormat;
  continue?: boolean;
  resume?: string;
  json?: boolean;
  jsonSchema?: string;
}

/** Parses the command line and runs it. Never throws: every error becomes a message and an exit status. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  leaveQuietlyWhenNobodyReads();
  const format = errorFormat(argv);
  let status = 0;
  const run: Run = async (work) => {
    status = await work();
  };
  try {
    await (await createProgram(run, argv)).parseAsync([...argv], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return usageStatus(error, format, argv);
    return reportError(error, format);
  }
}

/** Knows the commands whose names are among the words; a word that names one by chance does no harm. */
async function createProgram(run: Run, argv: readonly string[]): Promise<Command> {
  const program = new Command("trust")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .version(version, "-V, --version")
    .allowExcessArguments(false)
    .addHelpText("beforeAll", "");
  program.helpInformation = () => helpText;
  addSharedOptions(program)
    .option("-p, --print [prompt]", "print the answer and leave")
    .addOption(new Option("--output-format <format>").choices(["text", "json", "stream-json"]).default("text"))
    .option("--json-schema <file>", "the answer is one JSON value that this schema admits")
    .option("-c, --continue", "continue the last session of this folder")
    .option("-r, --resume <id>", "resume a session");
  program.action(() => run(() => chatOrPrint(program.opts<ProgramOptions>())));
  for (const { name, load } of commands) {
    if (argv.includes(name)) (await load()).register(program, run);
  }
  for (const group of program.commands.flatMap(withSubcommands)) group.action(() => group.outputHelp());
  for (const verb of program.commands.flatMap(verbs)) verb.addHelpText("after", sharedHelp);
  return program;
}

const sharedHelp =
  "\nAlso understood: -m, --mode, --profile, --cwd, --offline, --private-host, --max-ram, --max-vram, --threads (trust --help)";

/** Commands that do something, not groups of others. */
const verbs = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(verbs);

/** A noun without a verb shows its help. */
function withSubcommands(command: Command): Command[] {
  return command.commands.length === 0 ? [] : [command, ...command.commands.flatMap(withSubcommands)];
}

/** The flags that every command which touches a workspace understands. */
function addSharedOptions(command: Command): Command {
  return command
    .option("-m, --model <model>", "nano, a GGUF file, kit://NAME, ollama/NAME or a server's URL")
    .addOption(new Option("--mode <mode>").choices(["plan", "ask", "edit", "auto"]))
    .option("--allow <rule>", "allow a tool or one of its uses", collect)
    .option("--deny <rule>", "deny a tool or one of its uses", collect)
    .option("--profile <name>", "a profile of settings")
    .option("--cwd <folder>", "the workspace")
    .option("--max-turns <number>", "stop after this many replies", positiveInteger)
    .option("--offline", "block every connection beyond this machine")
    .option("--private-host", "run local models in a process of this command's own")
    .option("--max-ram <size>", "memory that all local models may use together, such as 8GiB", memorySize)
    .option("--max-vram <size>", "GPU memory that all local models may use together, such as 6GiB", memorySize)
    .option("--threads <number>", "threads for local models", positiveInteger)
    .option("--json", "one JSON value on stdout");
}

const collect = (value: string, previous: string[] | undefined): string[] => [...(previous ?? []), value];

/** Stays as it was written, which is what the setting holds. */
function memorySize(value: string): string {
  if (parseSize(value) !== undefined) return value;
  throw new InvalidArgumentError("it must be a size such as 8GiB, 512M or 6000000000");
}

function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("it must be a whole number above 0");
  return number;
}

async function chatOrPrint(options: ProgramOptions): Promise<number> {
  const session = sessionChoice(options);
  const format = options.json === true && options.outputFormat === "text" ? "json" : options.outputFormat;
  if (options.print !== undefined) {
    const { runPrint } = await import("./run-print.ts");
    const prompt = options.print === true ? undefined : options.print;
    return runPrint(options, { prompt, format, session, schemaFile: options.jsonSchema });
  }
  if (options.jsonSchema !== undefined) {
    throw new TrustError("USAGE", "--json-schema is for answers that are printed", {
      hint: 'trust -p "your question" --json-schema FILE',
    });
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new TrustError("USAGE", "the chat needs a terminal, and stdin or stdout is not one", {
      hint: 'for scripts: trust -p "your question"',
    });
  }
  const { runChatCommand } = await import("./run-chat.ts");
  return runChatCommand(options, session);
}

function sessionChoice(options: ProgramOptions): SessionChoice {
  if (options.resume !== undefined) return { kind: "id", id: options.resume };
  return options.continue === true ? { kind: "latest" } : { kind: "new" };
}

/** How an error is written, read without the parser: the words may be what it does not understand. */
function errorFormat(argv: readonly string[]): OutputFormat {
  const named = argv.flatMap((word, index) => {
    if (word === "--output-format") return [argv[index + 1]];
    return word.startsWith("--output-format=") ? [word.slice("--output-format=".length)] : [];
  });
  if (named.includes("stream-json")) return "stream-json";
  return named.includes("json") || argv.includes("--json") ? "json" : "text";
}

/** Commander throws to print help too, which is no error. */
function usageStatus(error: CommanderError, format: OutputFormat, argv: readonly string[]): number {
  if (error.exitCode === 0) return 0;
  const noun = commands.find(({ name }) => name === argv[0])?.name;
  const hint = noun === undefined ? "trust --help" : `trust ${noun} --help`;
  return reportError(new TrustError("USAGE", usageMessage(error, noun), { hint }), format);
}

/** A word that names no command is an argument too many to commander. */
function usageMessage({ code, message }: CommanderError, noun: string | undefined): string {
  const word = code === "commander.excessArguments" ? /^error: .* got \d+: (.+)\.$/.exec(message)?.[1] : undefined;
  if (word === undefined) return message.replace(/^error: /, "");
  return noun === undefined ? `there is no command ${word}` : `the command ${noun} has no ${word}`;
}

/** `trust … | head` closes our stdout: stop, without a word. Other failures, such as a full disk, are said. */
function leaveQuietlyWhenNobodyReads(): void {
  const leave = (error: NodeJS.ErrnoException): never => process.exit(error.code === "EPIPE" ? 0 : 1);
  process.stderr.on("error", leave);
  process.stdout.on("error", (error) => {
    if (error.code !== "EPIPE") writeNotice(`The output could not be written: ${error.message}.`);
    leave(error);
  });
}
