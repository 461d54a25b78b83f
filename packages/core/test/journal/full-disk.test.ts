import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { Journal, listTurns, undoTurns } from "../../src/journal/index.ts";
import { openWorkspace, type Workspace } from "../../src/workspace/index.ts";
import { changeOf } from "./journal-bench.ts";
import { stateOf } from "./workspace-state.ts";

function canMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", tmpdir()], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A disk of so many KiB. */
function smallDisk(kibibytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), "trust-disk-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", folder], { stdio: "ignore" });
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return folder;
}

/** Leaves so many bytes of a disk free. */
function fill(disk: string, left: number): void {
  rmSync(join(disk, "ballast"), { force: true });
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, "ballast"), Buffer.alloc(Math.max(0, bavail * bsize - left)));
}

const start = { "a.txt": "a\n".repeat(3000), "b.txt": "b\n".repeat(3000), "c.txt": "c\n" };

async function workspaceIn(folder: string): Promise<Workspace> {
  mkdirSync(folder);
  for (const [name, text] of Object.entries(start)) writeFileSync(join(folder, name), text);
  return openWorkspace(folder);
}

/** Longer, in a new folder, and removed. Random text, which no journal can make small. */
function wanted(step: number): Record<string, string | undefined> {
  const noise = (length: number): string =>
    Array.from({ length }, (_, index) => Math.sin(index + step * length).toString(36)).join("\n");
  return { "a.txt": noise(800), "b.txt": noise(400), "c.txt": undefined, "new/d.txt": noise(200) };
}

test.skipIf(!canMount()).each([
  ["the workspace", ["work"]],
  ["the journal", ["data"]],
  ["both", ["work", "data"]],
])(
  "a disk of %s that becomes full in a change leaves all files as they were, and all is well with more space (where a tmpfs can be mounted)",
  async (_, onDisk) => {
    const disk = smallDisk(8192);
    const elsewhere = mkdtempSync(join(tmpdir(), "trust-disk-work-"));
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
    const placeOf = (name: string): string => join(onDisk.includes(name) ? disk : elsewhere, name);
    const workspace = await workspaceIn(placeOf("work"));
    const data = placeOf("data");
    using journal = new Journal({ workspace, file: join(data, "journal.db"), locks: join(data, "locks") });
    await listTurns(journal, 1);
    let [failures, successes] = [0, 0];
    for (let pages = 0; pages <= 24; pages += 3) {
      fill(disk, pages * 4096);
      const changes = await Promise.all(
        Object.entries(wanted(pages)).map(([path, text]) => changeOf(workspace, path, text)),
      );
      const applied = await journal.apply(changes, "all");
      if (!applied.ok) {
        failures++;
        expect(applied.error).toMatchObject({
          code: expect.stringMatching(/^(FILE|STORAGE)_FAILED$/),
          message: expect.stringMatching(/disk|space/),
          hint: expect.stringMatching(/space/i),
        });
        expect(stateOf(workspace.root), `${pages} pages left`).toEqual(start);
        continue;
      }
      successes++;
      fill(disk, 4_000_000);
      const undone = await undoTurns(journal, {
        direction: "undo",
        selection: { kind: "last", count: 1 },
        merge: false,
      });
      expect(undone).toMatchObject({ ok: true });
      expect(stateOf(workspace.root)).toEqual(start);
    }
    expect([failures > 0, successes > 0]).toEqual([true, true]);
  },
);
