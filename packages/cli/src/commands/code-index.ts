import { createAppToLook } from "../composition/app.ts";
import { showEmbedding, showIndexing } from "../print/indexing.ts";
import { writeNotice } from "../print/output.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";
import { interruptSignal } from "./interrupt.ts";
import { wholeNumber } from "./whole-number.ts";

export const indexCommand: CommandModule = {
  register(program, run) {
    const index = program.command("index").description("the index of the code in this folder");
    const build = index
      .command("build")
      .description("read what is new or changed; it also happens when the index is used")
      .option("--json", "one JSON value on stdout")
      .addHelpText(
        "after",
        "\nWith the setting index.embeddings (a GGUF file) also makes vectors, to search by meaning.\n\nExample:\n  trust index build",
      );
    build.action(() => run(() => buildIndex(sharedOptions(build))));
    const status = index.command("status").description("what it holds").option("--json", "one JSON value on stdout");
    status.addHelpText("after", "\nExample:\n  trust index status");
    status.action(() => run(() => showStatus(sharedOptions(status))));
    const search = index
      .command("search <words...>")
      .description("the best places for some words")
      .option("--limit <files>", "at most so many files (default: 10)", wholeNumber)
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust index search parse config");
    search.action((words: string[]) => run(() => searchIndex(words.join(" "), sharedOptions(search))));
    const drop = index.command("drop").description("forget it; the next use builds it anew");
    drop.option("--json", "one JSON value on stdout").addHelpText("after", "\nExample:\n  trust index drop");
    drop.action(() => run(() => dropIndex(sharedOptions(drop))));
  },
};

async function buildIndex(options: SharedOptions): Promise<number> {
  using interrupt = interruptSignal();
  const { code } = await createAppToLook(options);
  const index = await code.open();
  const result = await showIndexing(index, interrupt.signal);
  await using vectors = await code.vectors.open(interrupt.signal);
  const embedded = vectors === undefined ? undefined : await showEmbedding(vectors, index, interrupt.signal);
  const { files, definitions } = index.status();
  printResult(options.json, { ...result, files, definitions, ...embedded }, () => {
    const vectorsMade = embedded === undefined ? "" : `; vectors of ${embedded.embedded} files made`;
    return `${result.indexed} read, ${result.removed} gone; ${files} files with ${definitions} definitions${vectorsMade}\n`;
  });
  return 0;
}

async function showStatus(options: SharedOptions): Promise<number> {
  const status = (await (await createAppToLook(options)).code.open()).status();
  printResult(options.json, status, () => {
    const { files, skipped, definitions, isComplete, size } = status;
    const state = isComplete ? "complete when it was last used" : "not complete: trust index build";
    const megabytes = (size / 1e6).toFixed(1);
    return `${files} files, ${definitions} definitions, ${skipped} skipped (binary, generated or too large)\n${state}; ${megabytes} MB\n`;
  });
  return 0;
}

const usualLimit = 10;

async function searchIndex(query: string, options: SharedOptions & { limit?: number }): Promise<number> {
  using interrupt = interruptSignal();
  const { code } = await createAppToLook(options);
  await showIndexing(await code.open(), interrupt.signal);
  const hits = await code.search(query, options.limit ?? usualLimit, interrupt.signal, writeNotice);
  printResult(options.json, hits, () => {
    if (hits.length === 0) return "Nothing in the code has these words.\n";
    const rows = hits.map(({ path, lines }) => [path, ...lines.map(({ line, text }) => `  ${line}: ${text.trim()}`)]);
    return `${rows.flat().join("\n")}\n`;
  });
  return 0;
}

async function dropIndex(options: SharedOptions): Promise<number> {
  const { code } = await createAppToLook(options);
  const dropped = (await code.open()).drop();
  if (dropped) await code.vectors.drop();
  printResult(options.json, { dropped }, () =>
    dropped ? "The index is empty.\n" : "Another Trust is reading the code.\n",
  );
  return dropped ? 0 : 1;
}
