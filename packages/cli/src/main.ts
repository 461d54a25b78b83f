import { helpText } from "./help.ts";
import { version } from "./version.ts";

/** argv → command → exit status. Version and help are answered before anything else is loaded. */
async function main(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  if (argv.length === 1 && (first === "--version" || first === "-V")) return print(`${version}\n`);
  if (argv.length === 1 && (first === "--help" || first === "-h" || first === "help")) return print(helpText);
  const { runCommandLine } = await import("./commands/program.ts");
  return runCommandLine(argv);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
