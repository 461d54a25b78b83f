import { appendFile, readFile, truncate } from "node:fs/promises";

import { parseJson, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

import { Kind, Language } from "./task.ts";

const count = z.int().nonnegative();

const Attempt = z.object({
  /** What the hidden tests came to. */
  test: z.enum(["passed", "failed", "timeout"]),
  /** Why the turn ended. */
  reason: z.string(),
  seconds: z.number().nonnegative(),
  calls: count,
  promptTokens: count,
  outputTokens: count,
  error: z.string().optional(),
});
export type Attempt = z.infer<typeof Attempt>;

/** One finished task: a line of the file that `--out` names. */
const TaskResult = z.object({
  suite: z.string(),
  model: z.string(),
  attemptsAllowed: count,
  task: z.string(),
  language: Language,
  kind: Kind,
  attempts: z.array(Attempt).min(1),
});
export type TaskResult = z.infer<typeof TaskResult>;

/** Which attempt, counted from 1, made the tests pass; undefined when none did. */
export function solvedAt({ attempts }: TaskResult): number | undefined {
  const index = attempts.findIndex(({ test }) => test === "passed");
  return index === -1 ? undefined : index + 1;
}

/** A run that results belong to: others under the same name are not comparable. */
export type Run = Pick<TaskResult, "suite" | "model" | "attemptsAllowed">;

/** A file of results, a JSON object a line. */
export class ResultsFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What is known of this run already. A last line that was cut off by a crash is taken out of the file. */
  async open({ suite, model, attemptsAllowed }: Run): Promise<TaskResult[]> {
    const text = await this.#text();
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const results = whole
      .split("\n")
      .flatMap((line, index) => (line === "" ? [] : [parseJson(line, TaskResult, `${this.#path}:${index + 1}`)]));
    const rest = text.slice(whole.length);
    if (rest !== "") {
      if (!isCutOff(rest)) throw notResults(this.#path);
      await truncate(this.#path, Buffer.byteLength(whole));
    }
    return results.filter(
      (one) => one.suite === suite && one.model === model && one.attemptsAllowed === attemptsAllowed,
    );
  }

  /** Throws FILE_FAILED when it cannot be written. */
  async append(result: TaskResult): Promise<void> {
    try {
      await appendFile(this.#path, `${JSON.stringify(result)}\n`);
    } catch (cause) {
      throw fileFailed(this.#path, cause);
    }
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#path, "utf8");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw fileFailed(this.#path, cause);
    }
  }
}

const lineBegin = '{"suite":"';

/** Nothing of a file that holds something else may be lost. */
const isCutOff = (text: string): boolean => text.startsWith(lineBegin) || lineBegin.startsWith(text);

const notResults = (path: string): TrustError =>
  new TrustError("INPUT_INVALID", `${path} ends with something else than results`, {
    hint: "--out FILE names another",
  });

const fileFailed = (path: string, cause: unknown): TrustError =>
  new TrustError("FILE_FAILED", `the results in ${path} cannot be kept: ${(cause as Error).message}`, {
    hint: "--out FILE names another",
    cause,
  });
