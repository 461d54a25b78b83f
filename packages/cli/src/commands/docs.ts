import { isAbsolute, resolve } from "node:path";

import type { Added, AddProgress, Documentation } from "@trust-cli/core/documentation";
import { TrustError } from "@trust-cli/core/protocol";

import { createAppToLook } from "../composition/app.ts";
import { writeNotice, writeText } from "../print/output.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";
import { interruptSignal } from "./interrupt.ts";
import { wholeNumber } from "./whole-number.ts";

const sources = `
A source is
  PATH          a file or folder: Markdown, HTML, reStructuredText, text, manual pages, .d.ts, rustdoc or TypeDoc JSON
  TARBALL       .tar, .tar.gz or .tgz with such files
  package:NAME  what is installed on this machine; package:npm/NAME, pip/NAME, go/PATH or cargo/NAME says which
  man:NAME      a page of the manual; man:NAME.SECTION one section

Examples:
  trust docs add package:zod man:git-rebase
  trust docs add ./handbook --name handbook`;

export const docsCommand: CommandModule = {
  register(program, run) {
    const docs = program.command("docs").description("documentation that is searched without a network");
    const add = docs
      .command("add <source...>")
      .description("read documentation; again: what changed of it")
      .option("--name <name>", "what to call it, when there is one source")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", sources);
    add.action((written: string[]) => run(() => addDocs(written, sharedOptions(add))));
    const list = docs.command("list").description("what was added").option("--json", "one JSON value on stdout");
    list.addHelpText("after", "\nExample:\n  trust docs list");
    list.action(() => run(() => listDocs(sharedOptions(list))));
    const remove = docs.command("remove <name>").description("forget what was added under a name");
    remove.option("--json", "one JSON value on stdout").addHelpText("after", "\nExample:\n  trust docs remove zod");
    remove.action((name: string) => run(() => removeDocs(name, sharedOptions(remove))));
    const search = docs
      .command("search <words...>")
      .description("the best sections for some words")
      .option("--limit <sections>", "at most so many sections (default: 10)", wholeNumber)
      .option("--source <name>", "only of what was added under this name")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust docs search optional fields --source zod");
    search.action((words: string[]) => run(() => searchDocs(words.join(" "), sharedOptions(search))));
  },
};

async function withDocs<T>(options: SharedOptions, work: (docs: Documentation) => T | Promise<T>): Promise<T> {
  using docs = await (await createAppToLook(options)).documentation.open();
  try {
    return await work(docs);
  } finally {
    if (docs.notice !== undefined) writeNotice(docs.notice);
  }
}

async function addDocs(written: readonly string[], options: SharedOptions & { name?: string }): Promise<number> {
  if (options.name !== undefined && written.length > 1) {
    throw new TrustError("USAGE", "--name fits one source", { hint: "add the others without it" });
  }
  using interrupt = interruptSignal();
  const progress = progressLine();
  const all: Added[] = [];
  await withDocs(options, async (docs) => {
    for (const source of written) {
      const told = { name: options.name, signal: interrupt.signal, onProgress: progress.show };
      const added = await docs.add(fromHere(source), told).finally(progress.clear);
      for (const note of added.notes) writeNotice(`${added.name}: ${note}`);
      if (options.json !== true) writeText(addedText(added));
      all.push(added);
    }
  });
  if (options.json === true) process.stdout.write(`${JSON.stringify(all)}\n`);
  return 0;
}

/** Paths are meant from where the person stands, which need not be the project's root. */
const fromHere = (source: string): string =>
  /^(?:package|man):|^~\/|^\s*$/.test(source) || isAbsolute(source) ? source : resolve(source);

const addedText = ({ name, files, sections, read, removed, location }: Added): string =>
  `${name}: ${files} files with ${sections} sections (${read} read, ${removed} gone) from ${location}\n`;

const everyMilliseconds = 500;

/** On a terminal: how far it is, when it takes longer. */
function progressLine(): { show: (progress: AddProgress) => void; clear: () => void } {
  let told = performance.now();
  let isShown = false;
  return {
    show: ({ name, files, sections }) => {
      if (!process.stderr.isTTY || performance.now() - told < everyMilliseconds) return;
      told = performance.now();
      isShown = true;
      process.stderr.write(`\r\u001B[Kreading ${name.replaceAll(/\p{C}/gu, "")}: ${files} files, ${sections} sections`);
    },
    clear: () => {
      if (isShown) process.stderr.write("\r\u001B[K");
      isShown = false;
    },
  };
}

async function listDocs(options: SharedOptions): Promise<number> {
  const added = await withDocs(options, (docs) => docs.list());
  printResult(options.json, added, () => {
    if (added.length === 0) return "No documentation was added. Add some: trust docs add package:NAME\n";
    const width = Math.max(...added.map(({ name }) => name.length));
    return added
      .map(
        ({ name, sections, location }) =>
          `${name.padEnd(width)}  ${String(sections).padStart(6)} sections  ${location}\n`,
      )
      .join("");
  });
  return 0;
}

async function removeDocs(name: string, options: SharedOptions): Promise<number> {
  await withDocs(options, (docs) => docs.remove(name));
  printResult(options.json, { removed: name }, () => `${name} is forgotten.\n`);
  return 0;
}

const usualLimit = 10;

async function searchDocs(
  query: string,
  options: SharedOptions & { limit?: number; source?: string },
): Promise<number> {
  const { limit = usualLimit, source } = options;
  const { hits, isEmpty } = await withDocs(options, (docs) => ({
    hits: docs.search(query, { limit, source }),
    isEmpty: docs.list().length === 0,
  }));
  printResult(options.json, hits, () => {
    if (isEmpty) return "No documentation was added. Add some: trust docs add package:NAME\n";
    if (hits.length === 0) return "Nothing in the documentation has these words.\n";
    return hits
      .map(({ source: name, path, line, heading, excerpt }) => {
        const head = `${name}: ${path}:${line}${heading === "" ? "" : `  ${heading}`}`;
        return `${head}\n${excerpt === "" ? "" : `  ${excerpt}\n`}`;
      })
      .join("");
  });
  return 0;
}
