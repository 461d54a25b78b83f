import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type Finished, type Home, scratchHome, startTrust, trust } from "../support/program.ts";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
/** From source: the kit commands are the same in the bundle. */
const command = [process.execPath, "--conditions=@trust-cli/source", main] as const;

let home: Home;
let workspace: TemporaryWorkspace;
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace({
    "tiny/Kitfile": "manifestVersion: 1.0.0\npackage: {name: tiny, version: 1.10}\nmodel: {path: model.gguf}\n",
    "tiny/model.gguf": "GGUF and so on",
  });
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const kit = (...words: readonly string[]): Promise<Finished> =>
  trust(["kit", ...words], { home, cwd: workspace.path, command });
const json = async (...words: readonly string[]): Promise<unknown> =>
  parseUnknownJson((await kit(...words, "--json")).stdout, "stdout");

describe("trust kit", () => {
  test("packs, lists, inspects, verifies, unpacks and removes", async () => {
    expect((await kit("pack", "tiny", "-t", "team/tiny:1,latest")).stdout).toContain(
      "Packed team/tiny:1, team/tiny:latest",
    );
    expect((await kit("list")).stdout).toContain("team/tiny:1, team/tiny:latest  (tiny 1.10)");
    expect(await json("list")).toMatchObject([{ repository: "team/tiny", tags: ["1", "latest"], version: "1.10" }]);
    expect(await json("inspect", "team/tiny:1")).toMatchObject({ layers: [{ kind: "model", path: "model.gguf" }] });
    expect((await kit("verify", "team/tiny")).stdout).toContain("All 3 blobs of team/tiny are right");
    expect(await json("unpack", "team/tiny:1", "-d", "out", "-f", "model")).toMatchObject({ files: ["model.gguf"] });
    expect(await readdir(join(workspace.path, "out"))).toEqual(["model.gguf"]);
    await kit("remove", "team/tiny:1");
    await kit("remove", "team/tiny:latest");
    expect((await kit("list")).stdout).toBe("No kits yet. Fetch one: trust kit pull REF\n");
  });

  test("shows no progress where there is no terminal", async () => {
    expect((await kit("pack", "tiny", "-t", "tiny:1")).stderr).toBe("");
  });

  test.each([
    ["a kit that is not here", ["inspect", "none:1"], 3, "KIT_MISSING"],
    ["a folder without a Kitfile", ["pack", ".", "-t", "x:1"], 2, "KIT_INVALID"],
    ["a bad name", ["verify", "Bad Name"], 2, "USAGE"],
    ["a digest for a name", ["pack", "tiny", "-t", `tiny@sha256:${"0".repeat(64)}`], 2, "USAGE"],
    ["a name without a registry", ["pull", "team/tiny:1"], 2, "USAGE"],
    ["a registry beyond this machine in offline mode", ["pull", "registry.example.com/x:1", "--offline"], 4, "OFFLINE"],
    ["an unknown type", ["unpack", "x:1", "-f", "weights"], 2, "USAGE"],
    ["-o with -i", ["unpack", "x:1", "-o", "-i"], 2, "USAGE"],
    ["a registry where nobody answers", ["pull", "127.0.0.1:9/x:1"], 1, "REGISTRY_FAILED"],
  ])("says what is wrong with %s", async (_what, words, status, code) => {
    const finished = await kit(...words, "--json");
    expect(parseUnknownJson(finished.stdout, "stdout")).toMatchObject({ error: { code } });
    expect(finished.status).toBe(status);
  });

  test("lists and removes kits beside one whose files are broken, and warns", async () => {
    await kit("pack", "tiny", "-t", "bad:1");
    await kit("pack", "tiny", "-t", "tiny:1");
    const kits = join(home.folder, "data", "kits");
    for (const name of await readdir(kits)) {
      if (name.startsWith(Buffer.from("localhost/bad").toString("base64url"))) await writeFile(join(kits, name), "{");
    }
    const { stdout } = await kit("list");
    expect(stdout).toMatch(/0 B {2}bad {2}damaged: .*not valid JSON.*\n.* tiny:1 {2}\(tiny 1\.10\)\n$/);
    const removed = await kit("remove", "tiny:1");
    expect(removed.stdout).toBe("Removed tiny:1, which freed 0 B\n");
    expect(removed.stderr).toContain("Warning: nothing was freed, because bad is damaged");
    expect(removed.status).toBe(0);
    await kit("pack", "tiny", "-t", "bad:1");
    expect(await json("remove", "bad:1")).toMatchObject({ warnings: [] });
    expect(await readdir(join(kits, "blobs", "sha256"))).toEqual([]);
  });

  test("leaves with 12 and touches nothing when files are in the way", async () => {
    await kit("pack", "tiny", "-t", "tiny:1");
    await workspace.write("out/model.gguf", "mine");
    const { status, stderr } = await kit("unpack", "tiny:1", "-d", "out");
    expect(stderr).toContain("The folder has model.gguf already; nothing was written.\n  -o replaces");
    expect(status).toBe(12);
    expect(await readdir(join(workspace.path, "out"))).toEqual(["model.gguf"]);
    expect((await kit("unpack", "tiny:1", "-d", "out", "-o")).status).toBe(0);
    expect(await workspace.read("out/model.gguf")).toBe("GGUF and so on");
  });

  test("stops on Ctrl-C, and leaves a whole store", async () => {
    await workspace.write("large/Kitfile", "manifestVersion: 1.0.0\nmodel: {path: model.gguf}\n");
    await workspace.write("large/model.gguf", "x".repeat(60_000_000));
    const running = startTrust(["kit", "pack", "large", "-t", "large:1"], { home, cwd: workspace.path, command });
    const ingest = join(home.folder, "data", "kits", "ingest");
    for (let attempt = 0; attempt < 1000; attempt++) {
      if ((await readdir(ingest).catch(() => [])).length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    running.child.kill("SIGINT");
    expect((await running.finished).status).toBe(130);
    expect(await readdir(ingest)).toEqual([]);
    expect((await kit("list")).stdout).toContain("No kits yet");
  });
});
