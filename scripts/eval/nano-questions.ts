/**
 * node --conditions=@trust-cli/source scripts/eval/nano-questions.ts
 * Asks the built-in model 20 questions about real packages, through the built program, and reports how
 * often the call and the sentence were right. A report, not a test: nothing helps the model here.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "..", "..");
const trust = join(root, "packages/cli/bin/trust.js");
const run = promisify(execFile);

interface Question {
  project: string;
  text: string;
  call: { name: string; argument: string };
  /** What a right sentence must contain. */
  answer: string;
}

interface PrintedTurn {
  text: string;
  calls: { name: string; args: Record<string, unknown>; status: string }[];
}

const manifest = (project: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(root, "node_modules", project, "package.json"), "utf8")) as Record<string, unknown>;

const projects = ["commander", "zod", "yaml", "marked", "picomatch", "esbuild", "undici"];

function questions(): Question[] {
  const read = { name: "read_file", argument: "package.json" };
  const versions = projects.map((project) => ({
    project,
    text: "What is the version in package.json?",
    call: read,
    answer: String(manifest(project)["version"]),
  }));
  const licences = projects.map((project) => ({
    project,
    text: "which license does package.json name",
    call: read,
    answer: String(manifest(project)["license"]),
  }));
  const searches = [
    { project: "commander", word: "enablePositionalOptions", answer: "command.js" },
    { project: "picomatch", word: "maxLength", answer: "parse.js" },
    { project: "undici", word: "headersTimeout", answer: ".js" },
  ].map(({ project, word, answer }) => ({
    project,
    text: `search for ${word}`,
    call: { name: "search_text", argument: word },
    answer,
  }));
  const others: Question[] = [
    { project: "commander", text: "list the files", call: { name: "list_directory", argument: "" }, answer: "lib" },
    {
      project: "zod",
      text: "find README.md",
      call: { name: "find_files", argument: "README.md" },
      answer: "README.md",
    },
    { project: "yaml", text: "read LICENSE", call: { name: "read_file", argument: "LICENSE" }, answer: "" },
  ];
  return [...versions, ...licences, ...searches, ...others];
}

async function ask(question: Question, scratch: string): Promise<PrintedTurn> {
  const folder = join(scratch, question.project);
  const args = [trust, "-p", question.text, "--cwd", folder, "--output-format", "json"];
  const env = { ...process.env, TRUST_HOME: join(scratch, "home"), TRUST_HOST_SHARED: "false" };
  const child = run(process.execPath, args, { env });
  child.child.stdin?.end();
  return JSON.parse((await child).stdout) as PrintedTurn;
}

const scratch = mkdtempSync(join(tmpdir(), "trust-eval-"));
for (const project of projects)
  cpSync(join(root, "node_modules", project), join(scratch, project), { recursive: true });
let rightCalls = 0;
let rightAnswers = 0;
const asked = questions();
for (const question of asked) {
  const turn = await ask(question, scratch);
  const [first] = turn.calls;
  const call = first?.name === question.call.name && JSON.stringify(first.args).includes(question.call.argument);
  const answer = call && turn.text.includes(question.answer);
  if (call) rightCalls++;
  if (answer) rightAnswers++;
  const marks = `${call ? "call ✓" : "call ✗"} ${answer ? "answer ✓" : "answer ✗"}`;
  process.stdout.write(
    `${marks}  ${question.project}: ${question.text}\n    ${JSON.stringify(first?.args)} → ${turn.text}\n`,
  );
}
process.stdout.write(`calls ${rightCalls} of ${asked.length}, answers ${rightAnswers} of ${asked.length}\n`);
rmSync(scratch, { recursive: true, force: true });
