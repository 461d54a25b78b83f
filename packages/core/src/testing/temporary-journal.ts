import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Journal } from "../journal/index.ts";
import type { Workspace } from "../workspace/index.ts";

/** A real journal in a folder of its own, which is removed when this process ends. */
export function temporaryJournal(workspace: Workspace): Journal {
  const folder = mkdtempSync(join(tmpdir(), "trust-journal-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return new Journal({ workspace, file: join(folder, "journal.db"), locks: folder });
}
