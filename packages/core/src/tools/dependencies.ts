import type { ChangeLog, ReadLedger, Workspace } from "../workspace/index.ts";
import type { CodeAccess } from "./code-access.ts";
import type { ToolLimits } from "./limits.ts";

/** What the built-in tools share. */
export interface ToolDependencies {
  workspace: Workspace;
  ledger: ReadLedger;
  changes: ChangeLog;
  limits: ToolLimits;
  /** Absent where the code is not indexed: then there are no tools for it. */
  code?: CodeAccess;
  /** What a parser has against a text, a short line each. Absent where there is none. */
  problems?: (path: string, text: string) => Promise<readonly string[]>;
}
