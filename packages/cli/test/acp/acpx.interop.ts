import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import {
  callTool,
  type FakeOpenAiServer,
  fakeOpenAiServer,
  say,
  type TemporaryWorkspace,
  temporaryWorkspace,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Home, scratchHome, trustProgram } from "../support/program.ts";

const cache = process.env["TRUST_INTEROP_CACHE"] ?? join(homedir(), ".cache", "trust-interop");
const acpx = join(cache, "acpx", "node_modules", ".bin", "acpx");
const isMissing = !existsSync(acpx);
if (isMissing) process.stderr.write(`SKIPPED: ${acpx} is not there. Run: npm run interop:setup\n`);

describe.skipIf(isMissing)("acpx, an editor of others", () => {
  let home: Home;
  let workspace: TemporaryWorkspace;
  let server: FakeOpenAiServer;
  beforeAll(buildProgram);
  beforeEach(async () => {
    home = await scratchHome();
    workspace = await temporaryWorkspace({ "package.json": '{\n  "name": "shop",\n  "version": "1.2.3"\n}\n' });
    const edit = { path: "package.json", old_text: "1.2.3", new_text: "1.3.0" };
    server = await fakeOpenAiServer([callTool("edit_file", edit), say("The version is 1.3.0 now.")]);
  });
  afterEach(async () => {
    for (const one of [server, workspace, home]) await one[Symbol.asyncDispose]();
  });

  const version = (): string =>
    /"version": "(.*)"/.exec(readFileSync(join(workspace.path, "package.json"), "utf8"))?.[1] ?? "";

  /** Runs one prompt with the real program as the agent. The fake server answers in this process: it must go on. */
  async function prompt(text: string, { model, approval }: { model: string; approval: string }): Promise<string> {
    const agent = [process.execPath, trustProgram, "acp", "-m", model].join(" ");
    const args = [acpx, "--cwd", workspace.path, approval, "--format", "text", "--agent", agent, "exec", text];
    const child = spawn(process.execPath, args, { env: { ...home.env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (more: string) => (output += more));
    const status = await new Promise((resolve) => child.on("close", resolve));
    return `${output}\nstatus ${String(status)}`;
  }

  test("makes an approved edit", async () => {
    const output = await prompt("set the version to 1.3.0", { model: server.url, approval: "--approve-all" });
    expect(output).toContain("edit_file package.json (completed)");
    expect(output).toContain("The version is 1.3.0 now.");
    expect(version()).toBe("1.3.0");
  });

  test("that denies everything leaves the file as it was", async () => {
    const output = await prompt("set the version to 1.3.0", { model: server.url, approval: "--deny-all" });
    expect(output).toContain("edit_file package.json (failed)");
    expect(version()).toBe("1.2.3");
  });

  test("makes an approved edit with the built-in model", async () => {
    const question = 'replace "1.2.3" with "1.3.0" in package.json';
    const output = await prompt(question, { model: "nano", approval: "--approve-all" });
    expect(output).toContain("status 0");
    expect(version()).toBe("1.3.0");
  });
});
