import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { rgPath } from "@vscode/ripgrep";

import { alternate, type Benchmark, type Measurement, median, timeProgram } from "./benchmark.ts";
import { copySources, type Enough, questions, type Repository } from "./code-repository.ts";
import { scratchHome, trustProgram } from "./scratch.ts";

const rounds = 5;

interface Scratch extends Disposable, Repository {
  root: string;
  /** Another one each time. */
  newIndex(): string;
}

function scratchRepository(enough: Enough): Scratch {
  const folder = mkdtempSync(join(tmpdir(), "trust-bench-code-"));
  const root = join(folder, "repository");
  let indexes = 0;
  return {
    ...copySources(root, enough),
    root,
    newIndex: () => join(folder, `index-${indexes++}.db`),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Cost {
  milliseconds: number;
  /** Milliseconds, of all threads together. */
  processor: number;
}

interface Took extends Cost {
  /** Memory at most, of all threads together. */
  megabytes: number;
}

interface Outcome extends Took {
  again: Cost[];
  searches: number[];
  edits: Cost[];
}

/** `parse`: the files of a list alone. `used`: index and map, then maps, searches and edits. */
function inProcess(mode: "parse" | "used", root: string, file: string): Outcome {
  const script = join(import.meta.dirname, "code-process.ts");
  const { stdout, stderr, status } = spawnSync(process.execPath, [...process.execArgv, script, mode, root, file], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return parseUnknownJson(stdout, "what it took") as Outcome;
}

const named = ({ files, lines, megabytes }: Repository): string =>
  `${files.length} files, ${Math.round(lines / 1000)}k lines, ${Math.round(megabytes)} MB`;

/** Says at its end what a program took. */
const telling = `data:text/javascript,process.on("exit",()=>{
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write("\\n"+JSON.stringify({ megabytes: maxRSS/1024, processor: (userCPUTime+systemCPUTime)/1000 }));
})`;

/** `trust map` where nothing is known yet, from its start to its end. */
function coldMap(root: string): Took {
  using home = scratchHome();
  const args = ["--import", telling, trustProgram, "map", questions[0] ?? "", "--json"];
  const began = performance.now();
  const { stderr, status } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...home.env },
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  const milliseconds = performance.now() - began;
  if (status !== 0) throw new Error(stderr);
  const told = parseUnknownJson(stderr.slice(stderr.lastIndexOf("\n")), "what it took") as Took;
  return { ...told, milliseconds };
}

const cold: Benchmark = {
  name: "code-cold",
  async run() {
    using repository = scratchRepository({ files: 5000 });
    const list = join(repository.root, "..", "list");
    writeFileSync(list, repository.files.join("\n"));
    const [ours, theirs]: [Took[], Took[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      ours.push(coldMap(repository.root));
      theirs.push(inProcess("parse", repository.root, list));
    }
    const row = (name: string, key: keyof Took, unit: string, goal: number): Measurement => {
      const raw = { ours: ours.map((one) => one[key]), theirs: theirs.map((one) => one[key]) };
      const against = { name: "parsing alone", value: median(raw.theirs) };
      return { name, value: median(raw.ours), unit, against, goal, raw };
    };
    return [
      row(`trust map, cold: ${named(repository)}`, "milliseconds", "ms", 5000),
      row("the same: processor time of all threads", "processor", "ms", 10_000),
      row("the same: memory of all threads", "megabytes", "MB", 250),
    ];
  },
};

const small: Benchmark = {
  name: "code-small",
  async run() {
    using many = scratchRepository({ files: 5000, least: 0 });
    using few = scratchRepository({ lines: 100_000 });
    const row = (repository: Repository & { root: string }, goal: number): Measurement => {
      const ours = Array.from({ length: rounds }, () => coldMap(repository.root).milliseconds);
      const name = `trust map, cold: ${named(repository)}`;
      return { name, value: median(ours), unit: "ms", against: undefined, goal, raw: { ours, theirs: [] } };
    };
    return [row(many, 5000), row(few, 10_000)];
  },
};

const warm: Benchmark = {
  name: "code-warm",
  async run() {
    using repository = scratchRepository({ files: 5000 });
    const { milliseconds, again, edits } = inProcess("used", repository.root, repository.newIndex());
    const rows = (name: string, costs: readonly Cost[], goal: number): Measurement[] => {
      const [times, processor] = [costs.map((cost) => cost.milliseconds), costs.map((cost) => cost.processor)];
      const row = { unit: "ms", against: { name: "cold", value: milliseconds }, goal };
      return [
        { ...row, name, value: median(times), raw: { ours: times, theirs: [milliseconds] } },
        {
          ...row,
          name: "the same: processor time",
          value: median(processor),
          against: undefined,
          raw: { ours: processor, theirs: [] },
        },
      ];
    };
    const command = [trustProgram, "map", questions[0] ?? "", "--json"];
    using home = scratchHome();
    await timeProgram(command, home.env, repository.root);
    const fresh = await alternate(
      rounds,
      () => timeProgram(command, home.env, repository.root),
      () => timeProgram([trustProgram, "tools", "list"], home.env, repository.root),
    );
    const started: Measurement = {
      name: "trust map, warm, start included",
      value: fresh.ours,
      unit: "ms",
      against: { name: "trust tools list", value: fresh.theirs },
      goal: Math.round(fresh.theirs + 150),
      raw: fresh.raw,
    };
    return [...rows("map, warm, in the same process", again, 150), started, ...rows("an edited file seen", edits, 200)];
  },
};

const percentile95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;

/** What a person would do without an index: the words as an alternation. */
function timeRipgrep(question: string, root: string): number {
  const began = performance.now();
  const pattern = question.split(" ").join("|");
  execFileSync(rgPath, ["--no-config", "--ignore-case", "--count", pattern, ...readdirSync(root)], {
    cwd: root,
    maxBuffer: 2 ** 28,
  });
  return performance.now() - began;
}

const search: Benchmark = {
  name: "code-search",
  async run() {
    using repository = scratchRepository({ lines: 1_000_000 });
    const { megabytes } = coldMap(repository.root);
    const { searches } = inProcess("used", repository.root, repository.newIndex());
    const theirs = questions.map((question) => timeRipgrep(question, repository.root));
    return [
      {
        name: `search, p95: ${named(repository)}`,
        value: percentile95(searches),
        unit: "ms",
        against: { name: "rg word|word, p95", value: percentile95(theirs) },
        goal: 30,
        raw: { ours: searches, theirs },
      },
      { name: "memory of indexing it, all threads", value: megabytes, unit: "MB", against: undefined, goal: 250 },
    ];
  },
};

export const codeBenchmarks: readonly Benchmark[] = [cold, small, warm, search];
