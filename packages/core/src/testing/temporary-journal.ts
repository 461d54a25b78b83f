import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Journal } from "../journal/index.ts";
import type { Workspace } from "../workspace/index.ts";

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A real journal in a folder of its own, which is removed when this process ends. */
export function temporaryJournal(workspace: Workspace): Journal {
  const folder = mkdtempSync(join(tmpdir(), "trust-journal-"));
  folders.push(folder);
  return new Journal({ workspace, file: join(folder, "journal.db"), locks: folder });
}
