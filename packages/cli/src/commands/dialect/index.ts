import type { Command } from "commander";

import { type CommandModule, type Run, sharedOptions } from "../command.ts";
import type { AcceptsFlags, GrammarFlags } from "./grammar.ts";
import type { ParseFlags } from "./parse.ts";
import type { RenderFlags } from "./render.ts";
import type { TemplateFlags } from "./template.ts";

/** For people who make or choose models: how a chat template writes, what is read from a reply, what a grammar admits. */
export const dialectCommand: CommandModule = {
  register(program, run) {
    const dialect = program
      .command("dialect")
      .description("how a model family writes thoughts and calls, and what is read from them");
    registerShow(dialect, run);
    registerRender(dialect, run);
    registerParse(dialect, run);
    registerGrammar(dialect, run);
  },
};

const templateOption = ["--template <file>", "a chat template (Jinja), in place of the model's own"] as const;
const toolsOption = ["--tools <file>", "tool signatures: a JSON list of {name, description, parameters}"] as const;

function registerShow(dialect: Command, run: Run): void {
  const show = dialect
    .command("show")
    .description("what the analysis of a chat template found")
    .option(...templateOption)
    .option("--json", "one JSON value on stdout")
    .addHelpText("after", "\nExample:\n  trust dialect show -m ./model.gguf");
  show.action(() => run(async () => (await import("./show.ts")).showDialect(sharedOptions(show) as TemplateFlags)));
}

function registerRender(dialect: Command, run: Run): void {
  const render = dialect
    .command("render")
    .description("the prompt that a chat template makes of a conversation on stdin (a JSON list of messages)")
    .option(...templateOption)
    .option(...toolsOption)
    .option("--no-thinking", "turn thinking off, where the template has a switch for it")
    .option("--json", "one JSON value on stdout: the segments, control text and plain text apart")
    .addHelpText(
      "after",
      `\nExample:\n  echo '[{"role":"user","content":"hi"}]' | trust dialect render --template ./chat.jinja`,
    );
  render.action(() =>
    run(async () => (await import("./render.ts")).renderConversation(sharedOptions(render) as RenderFlags)),
  );
}

function registerParse(dialect: Command, run: Run): void {
  const parse = dialect
    .command("parse")
    .description("what is read from a model's reply on stdin; or from each case of a corpus")
    .option(...templateOption)
    .option(...toolsOption)
    .option("--cases <file>", "a corpus of cases, one JSON object a line")
    .option("--templates <folder>", "where the templates are that the cases name")
    .option("--json", "one JSON value on stdout")
    .addHelpText("after", "\nExample:\n  trust dialect parse --template ./chat.jinja --tools tools.json < reply.txt");
  parse.action(() => run(async () => (await import("./parse.ts")).parseReplies(sharedOptions(parse) as ParseFlags)));
}

function registerGrammar(dialect: Command, run: Run): void {
  const grammar = dialect
    .command("grammar")
    .description("the grammar (GBNF) of a JSON Schema")
    .requiredOption("--schema <file>", "a JSON Schema")
    .option("--json", "one JSON value on stdout")
    .addHelpText("after", "\nExample:\n  trust dialect grammar --schema ./schema.json");
  grammar.action(() =>
    run(async () => (await import("./grammar.ts")).printGrammar(sharedOptions(grammar) as GrammarFlags)),
  );
  const accepts = dialect
    .command("accepts")
    .description(
      "whether texts fit a grammar, judged by llama.cpp: one JSON string a line in, true or false a line out",
    )
    .option("--schema <file>", "a JSON Schema")
    .option("--gbnf <file>", "a grammar; its root rule is called root")
    .addHelpText("after", `\nExample:\n  echo '"42"' | trust dialect accepts --schema ./schema.json`);
  accepts.action(() =>
    run(async () => (await import("./grammar.ts")).judgeTexts(sharedOptions(accepts) as AcceptsFlags)),
  );
}
