import { type CommandModule, sharedOptions } from "../command.ts";
import { wholeNumber } from "../whole-number.ts";
import type { CompleteOptions } from "./complete.ts";

const help = `
The model writes up to the end of the cursor's scope. Lines and columns count from 1, columns in UTF-16 code units, as
editors do; without --column the cursor is at the end of the line. The model must be a code model with infill tokens.

With --stdio, one JSON object a line, for editors:
  {"id":1,"path":"a.ts","prefix":"…","suffix":"…","files":[{"path":"b.ts","text":"…"}],"maxTokens":64}
  {"cancel":1}
is answered, a line each, with {"id","text","reason","tokens","reusedTokens","milliseconds"} or {"id","error"}.

Examples:
  trust complete src/area.ts --line 12 --column 3 -m ./coder.gguf
  trust complete src/area.ts --line 12 --with src/shapes.ts --json`;

export const completeCommand: CommandModule = {
  register(program, run) {
    const complete = program
      .command("complete [file]")
      .description("the text that belongs at a cursor in a file, by a code model on this machine")
      .option("--line <number>", "the cursor's line", wholeNumber)
      .option("--column <number>", "the cursor's column", wholeNumber)
      .option("--with <file>", "another file that belongs to it; may be repeated", collect)
      .option("--max-tokens <number>", "write at most this many tokens", wholeNumber)
      .option("--stdio", "answer requests on stdin until it ends")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", help);
    complete.action((file: string | undefined) =>
      run(async () => (await import("./complete.ts")).complete(file, sharedOptions(complete) as CompleteOptions)),
    );
  },
};

const collect = (value: string, previous: string[] = []): string[] => [...previous, value];
