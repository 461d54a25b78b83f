import * as z from "zod";

import type { CheckReport } from "../checks/index.ts";
import type { Tool } from "../ports/tool.ts";
import { failure, ok } from "../protocol/errors.ts";
import { checkOutcome, nothingToRun } from "./check-results.ts";
import { namesOf, shownPaths } from "./checked-paths.ts";
import type { ToolDependencies } from "./dependencies.ts";

const Input = z.strictObject({ paths: z.array(z.string().min(1)).optional() });
type Input = z.infer<typeof Input>;

/** What the project's own compilers and linters have against some files, or all. */
export function runChecksTool({ workspace, limits, diagnostics }: ToolDependencies): Tool<Input> {
  const { root } = workspace;
  return {
    name: "run_checks",
    description: "Check files with the project's own compiler and linters",
    risk: "command",
    commandIsPrepared: true,
    input: Input,
    subject: ({ paths }) => shownPaths(paths, workspace),
    prepare: async ({ paths }) => {
      const names = await namesOf(paths, workspace);
      if (!names.ok) return names;
      const checks = await import("../checks/index.ts");
      const plan = checks.planChecks({ root, environment: process.env, paths: names.value });
      if (plan.runs.length === 0) {
        const where = shownPaths(paths, workspace);
        return failure(nothingToRun(plan, { what: "checker", known: checks.knownCheckers, where }));
      }
      const command = plan.runs.map((run) => run.command).join("\n");
      return ok({
        preview: { kind: "command", command, cwd: root },
        command,
        run: async (signal, onOutput) => {
          const reports: CheckReport[] = [];
          const place = { root, environment: process.env, seconds: limits.commandSeconds, onOutput };
          for (const run of plan.runs) {
            const report = await checks.runPlanned(run, place, signal);
            diagnostics?.seen(run, report);
            reports.push(report);
          }
          const found = reports.flatMap((report) => report.diagnostics).toSorted(checks.bySeverity);
          return checkOutcome(reports, { lines: found.map(checks.diagnosticLine), missing: plan.missing }, limits);
        },
      });
    },
  };
}
