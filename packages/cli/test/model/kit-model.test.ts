import { readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openKitStore, packKit, parseReferences } from "@trust-cli/core/modelkit";
import { parseUnknownJson } from "@trust-cli/core/protocol";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace();
});
afterEach(async () => {
  await home[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const run = (...args: string[]): Promise<Finished> => trust(args, { home, cwd: workspace.path });

const isDigest = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);

/** Packs a kit of these files into the person's store. */
async function pack(kitfile: string, reference: string): Promise<void> {
  writeFileSync(join(workspace.path, "Kitfile"), kitfile);
  const store = await openKitStore(join(home.folder, "data", "kits"));
  const { signal } = new AbortController();
  await packKit({ store, folder: workspace.path, references: parseReferences(reference), signal });
}

async function packModel(): Promise<void> {
  await scriptedGguf(join(workspace.path, "tiny.gguf"), {
    replies: { first: ["Hello ", "from ", "a kit."] },
    contextLength: 8192,
  });
  await pack("manifestVersion: 1.0.0\npackage: {name: tiny}\nmodel: {name: tiny, path: tiny.gguf}\n", "acme/tiny:v1");
}

describe("a model in a ModelKit", () => {
  test("answers, and is taken out of its kit once", async () => {
    await packModel();
    expect((await run("-p", "hello", "-m", "kit://acme/tiny:v1")).stdout).toBe("Hello from a kit.\n");
    const [folder = "none"] = readdirSync(join(home.folder, "data", "models")).filter((name) => isDigest(name));
    const extracted = join(home.folder, "data", "models", folder, "tiny.gguf");
    const { ino } = statSync(extracted);
    expect((await run("-p", "hello", "-m", "kit://acme/tiny:v1")).stdout).toBe("Hello from a kit.\n");
    expect(statSync(extracted).ino).toBe(ino);
  });

  test("is listed once, shown, and can be made the usual one", async () => {
    await packModel();
    await pack("manifestVersion: 1.0.0\npackage: {name: words}\ndocs: [{path: notes.md}]\n", "acme/words:v1").catch(
      () => undefined,
    );
    await run("model", "use", "kit://acme/tiny:v1");
    await run("-p", "hello");
    const { stdout } = await run("model", "list", "--json");
    const listed = parseUnknownJson(stdout, "stdout") as { group: string }[];
    expect(listed.filter(({ group }) => group !== "ollama" && group !== "servers")).toMatchObject([
      { reference: "nano", inUse: false },
      { group: "kits", name: "tiny", inUse: true },
    ]);
    expect((await run("model", "show")).stdout).toMatch(/^model +kit:\/\/acme\/tiny:v1\nsize +2 MB\n/);
  });

  test("shows how its template writes calls", async () => {
    await packModel();
    const { status, stdout } = await run("dialect", "show", "-m", "kit://acme/tiny:v1");
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^template +kit:\/\/acme\/tiny:v1\n/)]);
  });

  test("that is not on this machine, or damaged, is said, with status 3 or 1", async () => {
    const missing = await run("-p", "hello", "-m", "kit://reg.example/acme/none:v1");
    expect([missing.status, missing.stderr]).toEqual([3, expect.stringContaining("trust kit pull")]);
    await packModel();
    const blobs = join(home.folder, "data", "kits", "blobs", "sha256");
    for (const name of readdirSync(blobs)) truncateSync(join(blobs, name), 100);
    const damaged = await run("-p", "hello", "-m", "kit://acme/tiny:v1");
    expect(damaged.status).toBe(1);
    expect(damaged.stdout).toBe("");
  });
});
