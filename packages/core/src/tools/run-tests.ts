import * as z from "zod";

import type { PlannedRun } from "../checks/index.ts";
import type { Tool } from "../ports/tool.ts";
import type { TestReport } from "../protocol/checks.ts";
import { failure, ok } from "../protocol/errors.ts";
import { nothingToRun, testOutcome } from "./check-results.ts";
import { namesOf, shownPaths } from "./checked-paths.ts";
import type { ToolDependencies } from "./dependencies.ts";

const Input = z.strictObject({ paths: z.array(z.string().min(1)).optional(), name: z.string().min(1).optional() });
type Input = z.infer<typeof Input>;

/** The tests that belong to some files, or all, by the runner that the project uses. */
export function runTestsTool({ workspace, limits }: ToolDependencies): Tool<Input> {
  const { root } = workspace;
  return {
    name: "run_tests",
    description: "Run the tests that belong to some files, or all",
    risk: "command",
    commandIsPrepared: true,
    input: Input,
    subject: ({ paths }) => shownPaths(paths, workspace),
    prepare: async ({ paths, name }) => {
      const names = await namesOf(paths, workspace);
      if (!names.ok) return names;
      const { knownRunners, planTests, runPlanned } = await import("../checks/index.ts");
      const plan = planTests({ root, environment: process.env, paths: names.value, name });
      if (plan.runs.length === 0) {
        const where = shownPaths(paths, workspace);
        return failure(nothingToRun(plan, { what: "tests", known: knownRunners, where }));
      }
      const command = commandOf(plan.runs);
      return ok({
        preview: { kind: "command", command, cwd: root },
        command,
        run: async (signal, onOutput) => {
          const reports: TestReport[] = [];
          const place = { root, environment: process.env, seconds: limits.commandSeconds, onOutput };
          for (const run of plan.runs) reports.push(await runPlanned(run, place, signal));
          return testOutcome(reports, limits);
        },
      });
    },
  };
}

const commandOf = (runs: readonly PlannedRun<unknown>[]): string => runs.map(({ command }) => command).join("\n");
