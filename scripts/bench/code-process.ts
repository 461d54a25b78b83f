/** Works on a repository in a process of its own, so that its memory and processor time are its own; prints JSON. */
import { readFileSync, writeFileSync } from "node:fs";

import { openCodeIndex } from "@trust-cli/core/codebase";
import { createTagReader } from "@trust-cli/core/syntax";

import { questions } from "./code-repository.ts";

const query = questions[0] ?? "";
const budget = 1000;
const filesAtOnce = 24;

const [mode = "", root = "", file = ""] = process.argv.slice(2);
const reader = createTagReader();

interface Cost {
  milliseconds: number;
  /** Milliseconds of processor time, which a busy machine lengthens less. */
  processor: number;
}

async function costOf(work: () => unknown): Promise<Cost> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { milliseconds: performance.now() - start, processor: (user + system) / 1000 };
}

async function parseAll(): Promise<void> {
  const underway: Promise<unknown>[] = [];
  for (const path of readFileSync(file, "utf8").split("\n")) {
    underway.push(reader.read(path, readFileSync(path, "utf8")));
    if (underway.length >= filesAtOnce) await underway.shift();
  }
  await Promise.all(underway);
}

async function onIndex(): Promise<Record<string, unknown>> {
  using index = openCodeIndex({ root, file, reader });
  const map = async (): Promise<void> => {
    await index.sync();
    await index.map({ query, budget });
  };
  const { milliseconds } = await costOf(map);
  const again: Cost[] = [];
  for (let round = 0; round < 9; round++) again.push(await costOf(map));
  const searches: number[] = [];
  for (const one of [...questions, ...questions, ...questions]) {
    searches.push((await costOf(() => index.search(one))).milliseconds);
  }
  return { milliseconds, again, searches: searches.slice(questions.length), edits: await editsOf(index) };
}

/** How long until a changed file is found by its new word, by whoever only looks again at all files. */
async function editsOf(index: ReturnType<typeof openCodeIndex>): Promise<Cost[]> {
  const edits: Cost[] = [];
  const path = index.search(query)[0]?.path ?? "";
  for (let round = 0; round < 5; round++) {
    const word = `zebraWord${round}`;
    writeFileSync(`${root}/${path}`, `\nexport const ${word} = 1;\n`, { flag: "a" });
    const visible = await costOf(() => index.sync());
    if (index.search(word)[0]?.path !== path) throw new Error(`${path} was not indexed`);
    edits.push(visible);
  }
  return edits;
}

const found = mode === "parse" ? await costOf(parseAll) : await onIndex();
const { user, system } = process.cpuUsage();
const memory = { megabytes: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(JSON.stringify({ ...found, ...memory, processor: (user + system) / 1000 }));
process.exit();
