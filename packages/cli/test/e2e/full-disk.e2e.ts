import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { callTool, fakeOpenAiServer, say, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, describe, expect, test } from "vitest";

import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

/** A file system of 1 MiB, or undefined where this user may not mount one. */
function smallDisk(folder: string): Disposable | undefined {
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "pipe" });
  } catch {
    return undefined;
  }
  return { [Symbol.dispose]: () => void execFileSync("umount", ["-l", folder], { stdio: "pipe" }) };
}

function fill(folder: string): void {
  let size = 1 << 20;
  for (let part = 0; size >= 1; part++) {
    try {
      writeFileSync(join(folder, `filler-${part}`), Buffer.alloc(size));
    } catch {
      rmSync(join(folder, `filler-${part}`), { force: true });
      size = Math.floor(size / 2);
    }
  }
}

describe("a full disk", () => {
  test("under the workspace: the edit fails in words and the file is whole", async ({ skip }) => {
    await using workspace = await temporaryWorkspace();
    const folder = join(workspace.path, "disk");
    using disk = smallDisk(folder);
    if (disk === undefined) skip("SKIPPED: this user may not mount a small file system");
    const content = "keep me\n".repeat(20_000);
    writeFileSync(join(folder, "notes.txt"), content);
    fill(folder);
    await using home = await scratchHome();
    const args = { path: "notes.txt", content: "other\n".repeat(30_000) };
    await using server = await fakeOpenAiServer([
      callTool("read_file", { path: "notes.txt" }),
      callTool("write_file", args),
      say("No space."),
    ]);
    const flags = ["-p", "write", "-m", server.url, "--mode", "auto", "--output-format", "stream-json"];
    const { stdout } = await trust(flags, { home, cwd: folder });
    expect(stdout).toContain("no space is left on the disk; nothing was changed");
    expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe(content);
    expect(readdirSync(folder).filter((name) => !/^filler|^notes/.test(name))).toEqual([]);
  });

  test("under the sessions: says so, and starts nothing that it could not keep", async ({ skip }) => {
    await using workspace = await temporaryWorkspace();
    await using home = await scratchHome();
    using disk = smallDisk(join(home.folder, "data"));
    if (disk === undefined) skip("SKIPPED: this user may not mount a small file system");
    fill(join(home.folder, "data"));
    await using server = await fakeOpenAiServer([say("unused")]);
    const { status, stderr } = await trust(["-p", "hi", "-m", server.url], { home, cwd: workspace.path });
    expect(stderr).toMatch(/disk|space/i);
    expect(status).toBe(1);
  });

  test("under the settings: config set changes nothing", async ({ skip }) => {
    await using workspace = await temporaryWorkspace();
    await using home = await scratchHome();
    const folder = join(home.folder, "config");
    using disk = smallDisk(folder);
    if (disk === undefined) skip("SKIPPED: this user may not mount a small file system");
    writeFileSync(join(folder, "config.yaml"), "mode: plan\n");
    fill(folder);
    const { status, stderr } = await trust(["config", "set", "mode", "auto"], { home, cwd: workspace.path });
    expect(stderr).toContain("ENOSPC");
    expect(status).toBe(1);
    expect(readFileSync(join(folder, "config.yaml"), "utf8")).toBe("mode: plan\n");
  });
});
