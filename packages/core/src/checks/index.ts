import type { TestReport } from "../protocol/checks.ts";
import { checkers } from "./checkers.ts";
import { type Plan, planRuns } from "./plan.ts";
import type { CheckReport } from "./project-tool.ts";
import { Project } from "./project.ts";
import { testRunners } from "./runners.ts";

export { BackgroundChecks } from "./background-checks.ts";
export { bySeverity, diagnosticLine } from "./describe.ts";
export type { Plan, PlannedRun } from "./plan.ts";
export type { CheckReport } from "./project-tool.ts";
export { runPlanned, type RunPlace } from "./run.ts";

interface Asked {
  root: string;
  environment: NodeJS.ProcessEnv;
  /** From the root; none means everything. */
  paths: readonly string[];
}

/** The checkers that the project uses for these paths, and that are installed. */
export const planChecks = ({ root, environment, paths }: Asked): Plan<CheckReport> =>
  planRuns(checkers, { paths }, new Project(root, environment));

/** The test runners, each with the tests that are related to these paths. */
export const planTests = ({
  root,
  environment,
  paths,
  name,
}: Asked & { name?: string | undefined }): Plan<TestReport> =>
  planRuns(testRunners, { paths, name }, new Project(root, environment));

/** What is looked for, in words. */
export const knownCheckers: readonly string[] = checkers.map(({ id }) => id);
export const knownRunners: readonly string[] = testRunners.map(({ id }) => id);
