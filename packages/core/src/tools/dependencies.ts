import type { BackgroundChecks } from "../checks/index.ts";
import type { ChangeLog, ReadLedger, Workspace } from "../workspace/index.ts";
import type { CodeAccess } from "./code-access.ts";
import type { DocsAccess } from "./docs-access.ts";
import type { EditFailures } from "./edit-failures.ts";
import type { ToolLimits } from "./limits.ts";

/** What the built-in tools share. */
export interface ToolDependencies {
  workspace: Workspace;
  ledger: ReadLedger;
  changes: ChangeLog;
  limits: ToolLimits;
  failures: EditFailures;
  /** Absent where the code is not indexed: then there are no tools for it. */
  code?: CodeAccess;
  /** Absent where no documentation was added: then there is no tool for it. */
  docs?: DocsAccess | undefined;
  /** What a parser has against a text, a short line each. Absent where there is none. */
  problems?: (path: string, text: string) => Promise<readonly string[]>;
  /** Whether the rules let the model read this path from the root. Absent: they say nothing. */
  mayRead?: (path: string) => boolean;
  /** Whether a tool may run this very command line without being asked about. Absent: it may not. */
  mayRun?: (tool: string, command: string) => boolean;
  /** What the project's checkers find behind changes. Absent where they must not run by themselves. */
  diagnostics?: Pick<BackgroundChecks, "before" | "after" | "seen">;
}
