import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { commandOf, environmentFor, locateCli } from "../src/cli-locator.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const prints = (version: string): string => `[ "$1" = --version ] && echo '${version}'`;

async function locate(folder: TemporaryFolder, { configured = "", path = "" } = {}) {
  const environment = { HOME: folder.path, PATH: `${path}:/usr/bin:/bin` };
  return locateCli({ configured, environment, platform: "linux", signal: AbortSignal.timeout(10_000) });
}

describe.skipIf(process.platform === "win32")("locateCli", () => {
  test("takes the trust command on PATH", async () => {
    using folder = new TemporaryFolder();
    const path = folder.program("bin/trust", prints("1.2.3"));
    expect(await locate(folder, { path: join(folder.path, "bin") })).toEqual({
      found: true,
      cli: { path, version: "1.2.3" },
    });
  });

  test("passes over a trust command of another program, and finds ours behind it", async () => {
    using folder = new TemporaryFolder();
    folder.program("p11/trust", "echo 'p11-kit: unknown global option: --version' >&2", "exit 2");
    folder.program("other/trust", "echo 'no version here'");
    const path = folder.program("ours/trust-cli", prints("trust 0.1.0"));
    const folders = ["p11", "other", "ours"].map((name) => join(folder.path, name)).join(":");
    expect(await locate(folder, { path: folders })).toEqual({ found: true, cli: { path, version: "0.1.0" } });
  });

  test("looks in the folders that npm and nvm install into, the newest Node first", async () => {
    using folder = new TemporaryFolder();
    folder.program(".nvm/versions/node/v9.11.2/bin/trust", prints("0.0.9"));
    const newest = folder.program(".nvm/versions/node/v24.1.0/bin/trust", prints("0.1.0"));
    expect(await locate(folder)).toEqual({ found: true, cli: { path: newest, version: "0.1.0" } });
    const own = folder.program(".npm-global/bin/trust", prints("0.2.0"));
    expect(await locate(folder)).toEqual({ found: true, cli: { path: own, version: "0.2.0" } });
  });

  test("says how to install it when it is nowhere", async () => {
    using folder = new TemporaryFolder();
    folder.write("bin/trust", "not a program");
    const located = await locate(folder, { path: join(folder.path, "bin") });
    expect(located).toMatchObject({
      found: false,
      reason: expect.stringContaining("npm link --workspace packages/cli"),
    });
  });

  test("the setting decides alone, also when it is wrong", async () => {
    using folder = new TemporaryFolder();
    folder.program("bin/trust", prints("1.2.3"));
    const path = join(folder.path, "bin");
    const mine = folder.program("mine", prints("2.0.0"));
    expect(await locate(folder, { path, configured: mine })).toMatchObject({ found: true, cli: { path: mine } });
    expect(await locate(folder, { path, configured: "~/mine" })).toMatchObject({ found: true, cli: { path: mine } });
    const broken = folder.program("broken", "echo 'needs Node 24' >&2", "exit 1");
    const reasons = await Promise.all(
      ["bin/trust", join(folder.path, "absent"), broken].map((configured) => locate(folder, { path, configured })),
    );
    expect(reasons).toMatchObject([
      { reason: expect.stringContaining("not an absolute path") },
      { reason: expect.stringContaining("no program is there") },
      { reason: expect.stringContaining("that is not Trust: needs Node 24") },
    ]);
  });
});

test("the folder of the program comes first on its PATH, whatever the variable's letters", () => {
  const path = join("/opt", "node", "bin", "trust");
  expect(environmentFor(path, { Path: "/usr/bin" })).toEqual({ Path: "/opt/node/bin:/usr/bin" });
});

test("only batch files are started through a shell", () => {
  expect(commandOf("C:\\npm\\trust.cmd")).toEqual({ file: '"C:\\npm\\trust.cmd"', shell: true });
  expect(commandOf("/usr/bin/trust")).toEqual({ file: "/usr/bin/trust", shell: false });
});
