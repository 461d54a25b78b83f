import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Diagnostic } from "../protocol/checks.ts";
import { checkers } from "./checkers.ts";
import { bySeverity, diagnosticLine } from "./describe.ts";
import { KnownDiagnostics } from "./known-diagnostics.ts";
import { type PlannedRun, planRuns } from "./plan.ts";
import type { CheckReport } from "./project-tool.ts";
import { Project } from "./project.ts";
import { runPlanned } from "./run.ts";

interface BackgroundPlace {
  root: string;
  environment: NodeJS.ProcessEnv;
  /** The most that one checker may take. */
  seconds: number;
  /** What a change waits for its checkers. */
  patienceMilliseconds: number;
  /** Whether this very command line may run without being asked about. */
  isAllowed: (command: string) => boolean;
}

interface Current {
  ended: Promise<void>;
  controller: AbortController;
}

type Run = PlannedRun<CheckReport>;

const mostLines = 8;

/** Checkers that run behind changes, one after the other. Paths are from the root. */
export class BackgroundChecks {
  readonly #place: BackgroundPlace;
  readonly #known = new KnownDiagnostics();
  /** Since the last run that came to its end. */
  readonly #changed = new Set<string>();
  #untold: Diagnostic[] = [];
  #introduced: Diagnostic[] = [];
  #current: Current | undefined;
  /** The last run took longer than anybody waits: then nobody waits for the next. */
  #isSlow = false;

  constructor(place: BackgroundPlace) {
    this.#place = place;
  }

  /** Before files change: finds what is wrong already. Waits a moment for it. */
  async before(paths: readonly string[]): Promise<void> {
    if (this.#current !== undefined || this.#changed.size > 0) return;
    const runs = this.#plan(paths).filter((run) => !this.#known.covers(run));
    if (runs.length === 0) return;
    const { ended } = this.#start(async (signal) => {
      for (const run of runs) {
        const report = await this.#run(run, signal);
        this.#known.keepOld(run, report.diagnostics);
        this.seen(run, report);
      }
    });
    await this.#patiently(ended);
  }

  /**
   * After files have changed: what is new, a line each. Waits a moment; what comes later is told the next time. A run
   * for an earlier change is given up, and its files are checked along.
   */
  async after(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    for (const path of paths) this.#changed.add(path);
    await this.#untilAbort(this.#patiently(this.#check().ended), signal);
    const lines = this.#untold.toSorted(bySeverity).map(diagnosticLine);
    this.#untold = [];
    return bounded(lines);
  }

  /** What a checker said, here or elsewhere. */
  seen(run: Run, { problem, diagnostics }: CheckReport): void {
    if (problem === undefined) this.#known.keep(run, diagnostics);
    this.#untold = this.#known.present(this.#untold);
    this.#introduced = this.#known.present(this.#introduced);
  }

  /** What the checkers said last. */
  latest(): readonly Diagnostic[] {
    return this.#known.all().toSorted(bySeverity);
  }

  /** Waits for what is under way, and tells the errors that came since the last review and are still there. */
  async review(signal: AbortSignal): Promise<string | undefined> {
    const current = this.#changed.size > 0 ? (this.#current ?? this.#check()) : this.#current;
    if (current !== undefined) await this.#untilAbort(current.ended, signal);
    const errors = this.#introduced.filter(({ severity }) => severity === "error").toSorted(bySeverity);
    [this.#untold, this.#introduced] = [[], []];
    return errors.length === 0 ? undefined : bounded(errors.map(diagnosticLine)).join("\n");
  }

  #check(): Current {
    return this.#start(async (signal) => {
      const files = new Set(this.#changed);
      for (const run of this.#plan([...files])) {
        const report = await this.#run(run, signal);
        const news = report.problem === undefined ? this.#known.news(run, report.diagnostics, files) : [];
        this.#known.keepOld(
          run,
          report.diagnostics.filter((one) => !news.includes(one)),
        );
        this.seen(run, report);
        this.#untold.push(...news);
        this.#introduced.push(...news);
      }
      for (const path of files) this.#changed.delete(path);
    });
  }

  #run(run: Run, signal: AbortSignal): Promise<CheckReport> {
    const { root, environment, seconds } = this.#place;
    return runPlanned(run, { root, environment, seconds, isBackground: true }, signal);
  }

  #start(work: (signal: AbortSignal) => Promise<void>): Current {
    this.#current?.controller.abort();
    const controller = new AbortController();
    const startedAt = performance.now();
    // A checker that could not be run, or was given up, has no news.
    const ended = work(controller.signal).catch(() => undefined);
    const current = { ended, controller };
    this.#current = current;
    void ended.then(() => {
      if (this.#current !== current) return;
      this.#current = undefined;
      this.#isSlow = performance.now() - startedAt > this.#place.patienceMilliseconds;
    });
    return current;
  }

  /** The checkers for these files that may run. What is gone, or not there yet, only others can miss. */
  #plan(paths: readonly string[]): Run[] {
    const { root, environment, isAllowed } = this.#place;
    const project = new Project(root, environment);
    const isThere = (path: string): boolean => existsSync(join(root, path));
    const planned = (some: string[]): Run[] =>
      some.length === 0 ? [] : planRuns(checkers, { paths: some }, project).runs;
    const runs = planned(paths.filter(isThere));
    const commands = new Set(runs.map(({ command }) => command));
    const others = planned(paths.filter((path) => !isThere(path))).filter(
      (run) => run.isWhole && !commands.has(run.command),
    );
    return [...runs, ...others].filter(({ command }) => isAllowed(command));
  }

  async #untilAbort(work: Promise<void>, signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#current?.controller.abort();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    // What runs in the background would let the process end while it is waited for.
    const held = setInterval(() => undefined, 60_000);
    await work;
    clearInterval(held);
    signal.removeEventListener("abort", stop);
  }

  async #patiently(work: Promise<void>): Promise<void> {
    if (this.#isSlow) return;
    const waiting = new AbortController();
    const { patienceMilliseconds } = this.#place;
    const patience = sleep(patienceMilliseconds, true, { signal: waiting.signal }).catch(() => false);
    this.#isSlow = await Promise.race([work.then(() => false), patience]);
    waiting.abort();
  }
}

const bounded = (lines: readonly string[]): string[] =>
  lines.length <= mostLines ? [...lines] : [...lines.slice(0, mostLines), `... ${lines.length - mostLines} more`];
