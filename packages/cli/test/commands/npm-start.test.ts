import { join } from "node:path";

import { callTool, fakeOpenAiServer, say, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, describe, expect, test } from "vitest";

import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

const root = join(import.meta.dirname, "..", "..", "..", "..");

describe("npm start", () => {
  test("passes arguments on, works in the folder the person called from and keeps the exit status", async () => {
    await using home = await scratchHome();
    await using workspace = await temporaryWorkspace({ "here.txt": "found me\n" });
    await using server = await fakeOpenAiServer([callTool("read_file", { path: "here.txt" }), say("Seen.")]);
    const bootstrap = join(root, "scripts", "bootstrap.mjs");
    // What npm does for `npm start --silent -- ARG…`: it changes to the package and sets INIT_CWD.
    const command = [process.execPath, bootstrap, "start"] as const;
    const options = { home, cwd: root, command, env: { INIT_CWD: workspace.path } };
    const answered = await trust(["-p", "look here", "-m", server.url, "--output-format", "json"], options);
    expect(answered.stdout).toMatch(/^\{"text":"Seen\.".*"status":"ok"/);
    expect(answered.status).toBe(0);
    const failed = await trust(["--nope"], options);
    expect([failed.status, failed.stdout]).toEqual([2, ""]);
  });
});
