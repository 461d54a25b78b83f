import type { Diagnostic } from "../protocol/checks.ts";
import type { PlannedRun } from "./plan.ts";
import type { CheckReport } from "./project-tool.ts";

interface Known {
  /** Files that are not named have nothing. */
  isWhole: boolean;
  files: Map<string, readonly Diagnostic[]>;
}

/** What each checker said last, so that news can be told from what was there before. Lines may move meanwhile. */
export class KnownDiagnostics {
  readonly #byChecker = new Map<string, Known>();
  /** How often each was there before anything was changed: also what another error hides for a while is no news. */
  readonly #old = new Map<string, Map<string, number>>();

  all(): Diagnostic[] {
    return [...this.#byChecker.values()].flatMap(({ files }) => [...files.values()].flat());
  }

  /** Whether a run would say nothing that is not known. */
  covers(run: PlannedRun<CheckReport>): boolean {
    const known = this.#byChecker.get(keyOf(run));
    return known !== undefined && (known.isWhole || (!run.isWhole && run.files.every((file) => known.files.has(file))));
  }

  /** What a run found that was not there before. Where nothing was known, all that is in a changed file counts. */
  news(run: PlannedRun<CheckReport>, found: readonly Diagnostic[], changed: ReadonlySet<string>): Diagnostic[] {
    const known = this.#byChecker.get(keyOf(run));
    const left = larger(counts([...(known?.files.values() ?? [])].flat()), this.#old.get(keyOf(run)));
    return found.filter((one) => {
      if (known?.isWhole !== true && known?.files.has(one.path) !== true) return changed.has(one.path);
      const count = left.get(nameOf(one)) ?? 0;
      left.set(nameOf(one), count - 1);
      return count <= 0;
    });
  }

  /** These were there before anything was changed. */
  keepOld(run: PlannedRun<CheckReport>, found: readonly Diagnostic[]): void {
    this.#old.set(keyOf(run), larger(counts(found), this.#old.get(keyOf(run))));
  }

  keep(run: PlannedRun<CheckReport>, found: readonly Diagnostic[]): void {
    const known = this.#byChecker.get(keyOf(run));
    const files = run.isWhole ? new Map<string, Diagnostic[]>() : new Map(known?.files);
    const spoken = new Set([...found.map(({ path }) => path), ...(run.isWhole ? [] : run.files)]);
    for (const path of spoken)
      files.set(
        path,
        found.filter((one) => one.path === path),
      );
    this.#byChecker.set(keyOf(run), { isWhole: run.isWhole || known?.isWhole === true, files });
  }

  /** Those that are still there. */
  present(diagnostics: readonly Diagnostic[]): Diagnostic[] {
    const names = new Set(this.all().map(nameOf));
    return diagnostics.filter((one) => names.has(nameOf(one)));
  }
}

function counts(diagnostics: readonly Diagnostic[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const one of diagnostics) found.set(nameOf(one), (found.get(nameOf(one)) ?? 0) + 1);
  return found;
}

function larger(counted: Map<string, number>, other: ReadonlyMap<string, number> | undefined): Map<string, number> {
  for (const [name, count] of other ?? []) counted.set(name, Math.max(count, counted.get(name) ?? 0));
  return counted;
}

const keyOf = ({ tool, folder }: PlannedRun<CheckReport>): string => `${tool.id} ${folder}`;

/** Without the line, which changes when text above it does. */
const nameOf = ({ path, source, rule, message }: Diagnostic): string => [path, source, rule, message].join("\0");
