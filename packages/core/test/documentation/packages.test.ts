import { existsSync, readdirSync } from "node:fs";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { Documentation } from "../../src/documentation/index.ts";
import { similarNames } from "../../src/documentation/names.ts";
import { compareVersions } from "../../src/documentation/packages/ecosystem.ts";
import { type TemporaryWorkspace, temporaryWorkspace } from "../../src/testing/index.ts";

const repository = join(import.meta.dirname, "..", "..", "..", "..");
const { signal } = new AbortController();

let home: TemporaryWorkspace;
let project: TemporaryWorkspace;
beforeEach(async () => {
  home = await temporaryWorkspace();
  project = await temporaryWorkspace();
});
afterEach(async () => {
  await home[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const docsAt = (root: string, environment: Record<string, string> = {}): Documentation =>
  new Documentation({
    file: join(home.path, "docs.db"),
    place: { root, environment: { HOME: home.path, ...environment } },
  });

describe("packages of npm", () => {
  test("that are really installed are found with their README and types", async () => {
    using docs = docsAt(repository);
    await docs.add("package:zod", { signal });
    await docs.add("package:npm/commander", { signal });
    expect(docs.list().map(({ name }) => name)).toEqual(["commander", "zod"]);
    expect(docs.search("ZodType.describe")[0]).toMatchObject({ source: "zod", heading: "ZodType.describe" });
    expect(docs.search("required option", { source: "commander" })[0]?.text).toContain("requiredOption");
    expect(docs.search("TypeScript-first validation library")[0]?.path).toBe("README.md");
  });

  test("take the types that others wrote, each once, and no licences, tests or packages inside", async () => {
    const files = {
      "node_modules/left/package.json": '{"version":"1.2.3"}',
      "node_modules/left/README.md": "# left\n",
      "node_modules/left/LICENSE.md": "# MIT\n",
      "node_modules/left/test/readme.md": "# test\n",
      "node_modules/left/node_modules/in/readme.md": "# in\n",
      "node_modules/@types/left/package.json": "{}",
      "node_modules/@types/left/index.d.ts": "export declare function pad(): void;\n",
      "node_modules/@types/left/only.d.mts": "export declare function fill(): void;\n",
      "node_modules/@types/left/index.d.cts": "export declare function pad(): void;\n",
    };
    for (const [path, text] of Object.entries(files)) await project.write(path, text);
    await project.write("packages/app/package.json", "{}");
    using docs = docsAt(join(project.path, "packages", "app"));
    expect(await docs.add("package:left", { signal })).toMatchObject({
      files: 3,
      location: expect.stringContaining("npm left 1.2.3"),
    });
    expect(docs.search("pad")[0]?.path).toBe("@types/index.d.ts");
  });

  test.each(["../../etc", "..", ".bin", "a/../../b"])("cannot be named to lead elsewhere: %s", async (name) => {
    using docs = docsAt(repository);
    await expect(docs.add(`package:npm/${name}`, { signal })).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });
});

describe("packages of Python", () => {
  const metadata =
    "Metadata-Version: 2.1\nName: Shop-Kit\nDescription-Content-Type: text/markdown\n\n# Shop Kit\n\nSells things.\n";
  const source = 'raise SystemExit("imported")\n\ndef sell(item):\n    """Sells one item."""\n';

  test("are read from the project's virtual environment, and never run", async () => {
    const site = ".venv/lib/python3.12/site-packages";
    await project.write(".venv/pyvenv.cfg", "");
    await project.write(`${site}/shop_kit-2.0.dist-info/METADATA`, metadata);
    await project.write(
      `${site}/shop_kit-2.0.dist-info/RECORD`,
      "shop_kit/__init__.py,,\nshop_kit/tests/test_a.py,,\n",
    );
    await project.write(`${site}/shop_kit/__init__.py`, source);
    await project.write(`${site}/shop_kit/tests/test_a.py`, "def test_a(): pass\n");
    using docs = docsAt(project.path);
    expect(await docs.add("package:shop.kit", { signal })).toMatchObject({ files: 2 });
    expect(docs.search("sell")[0]).toMatchObject({ heading: "sell", text: "def sell(item)\n\nSells one item." });
    expect(docs.search("things")[0]?.heading).toBe("Shop Kit");
  });

  test("are read from the python3 in PATH, also where pyenv chooses it", async () => {
    await home.write("pyenv/shims/python3", "#!/bin/sh\nexit 9\n");
    await home.write("pyenv/version", "3.11.7\n");
    const site = "pyenv/versions/3.11.7/lib/python3.11/site-packages";
    await home.write(`${site}/one-1.0.dist-info/METADATA`, metadata);
    await home.write(`${site}/one-1.0.dist-info/top_level.txt`, "one\n");
    await home.write(`${site}/one.py`, source);
    using docs = docsAt(project.path, { PATH: join(home.path, "pyenv", "shims") });
    expect(await docs.add("package:pip/one", { signal })).toMatchObject({ files: 2 });
  });
});

describe("modules of Go", () => {
  test("are found by path or last name, in the version that the project names or the latest", async () => {
    const cache = "go/pkg/mod/github.com/!some!one";
    for (const version of ["v1.2.0", "v1.10.0", "v1.11.0-rc.1"]) {
      await home.write(`${cache}/cart@${version}/cart.go`, `// Package cart is ${version}.\npackage cart\n`);
    }
    using docs = docsAt(project.path);
    expect((await docs.add("package:cart", { signal })).location).toContain("v1.11.0-rc.1");
    await project.write("go.mod", "module x\n\nrequire (\n\tgithub.com/SomeOne/cart v1.2.0 // indirect\n)\n");
    const added = await docs.add("package:go/github.com/SomeOne/cart", { name: "c", signal });
    expect(added.location).toContain("v1.2.0");
    expect(docs.search("cart", { source: "c" })[0]?.text).toBe("Package cart is v1.2.0.");
  });
});

describe("crates of Cargo", () => {
  test("are found in the registry's sources, in the version that is locked", async () => {
    for (const version of ["1.0.9", "1.0.10"]) {
      const crate = `cargo/registry/src/index-0123/cart-rs-${version}`;
      await home.write(`${crate}/README.md`, `# cart-rs ${version}\n`);
      await home.write(`${crate}/src/lib.rs`, "/// Adds.\npub fn add() {}\n");
      await home.write(`${crate}/build.rs`, "pub fn built() {}\n");
    }
    using docs = docsAt(project.path, { CARGO_HOME: join(home.path, "cargo") });
    expect((await docs.add("package:cart_rs", { signal })).location).toContain("1.0.10");
    await project.write("Cargo.lock", '[[package]]\nname = "cart-rs"\nversion = "1.0.9"\n');
    expect(await docs.add("package:cargo/cart-rs", { name: "locked", signal })).toMatchObject({
      files: 2,
      location: expect.stringContaining("1.0.9"),
    });
  });
});

describe("names", () => {
  test("of several packages must be said more exactly", async () => {
    await project.write("node_modules/cart/package.json", "{}");
    await project.write("node_modules/cart/readme.md", "# npm\n");
    await home.write("cargo/registry/src/i/cart-1.0.0/readme.md", "# cargo\n");
    using docs = docsAt(project.path, { CARGO_HOME: join(home.path, "cargo") });
    await expect(docs.add("package:cart", { signal })).rejects.toMatchObject({
      hint: "say which: trust docs add package:npm/cart or package:cargo/cart",
    });
    await docs.add("package:cargo/cart", { signal });
    await expect(docs.add("package:npm/cart", { signal })).rejects.toThrow("cart is the name of package:cargo/cart");
  });

  test("that are misspelt get the folders and the like names", async () => {
    using docs = docsAt(repository);
    await expect(docs.add("package:comander", { signal })).rejects.toMatchObject({
      message: expect.stringContaining(`looked in ${join(repository, "node_modules")} (npm)`),
      hint: expect.stringContaining("did you mean package:npm/commander"),
    });
  });

  test("are alike when they begin alike or differ little, and the likest comes first", () => {
    const names = ["commander", "command", "github.com/x/comander", "recommended", "zod"];
    expect(similarNames("comander", names)).toEqual(["github.com/x/comander", "commander"]);
    expect(similarNames("nope", ["operations", "canopen"])).toEqual([]);
  });

  test("of versions are ordered as numbers, releases after their candidates", () => {
    const versions = ["1.10.0", "1.9.0", "v2.0.0-rc.1", "2.0.0", "v2.0.0+incompatible", "1.10.0-beta"];
    expect(versions.toSorted(compareVersions)).toEqual([
      "1.9.0",
      "1.10.0-beta",
      "1.10.0",
      "v2.0.0-rc.1",
      "2.0.0",
      "v2.0.0+incompatible",
    ]);
  });
});

describe("the manual", () => {
  const page = (name: string, section: string): string =>
    `.TH ${name} ${section}\n.SH NAME\n${name} \\- of section ${section}\n`;
  const manual = (): Record<string, string> => ({ MANPATH: join(home.path, "man") });

  test("is read by name and by section, packed or not, and where one page stands for another", async () => {
    await home.write("man/man1/tool.1", page("TOOL", "1"));
    mkdirSync(join(home.path, "man", "man3"), { recursive: true });
    writeFileSync(join(home.path, "man", "man3", "tool.3ssl.gz"), gzipSync(page("TOOL", "3ssl")));
    await home.write("man/man1/alias.1", ".so man1/tool.1\n");
    await home.write("man/man1/loop.1", ".so man1/loop.1\n");
    await home.write("man/man1/out.1", ".so ../secret.1\n");
    using docs = docsAt(project.path, manual());
    expect(await docs.add("man:tool", { signal })).toMatchObject({ files: 2, sections: 2 });
    expect(await docs.add("man:tool.3ssl", { signal })).toMatchObject({ files: 1 });
    await docs.add("man:alias", { signal });
    expect(docs.search("section", { source: "alias" })[0]?.heading).toBe("tool(1) > NAME");
    await home.write("secret.1", page("SECRET", "1"));
    await expect(docs.add("man:out", { signal })).rejects.toThrow("no documentation");
    await expect(docs.add("man:loop", { signal })).rejects.toThrow("no documentation");
  });

  test("says where it looked, and what is called alike", async () => {
    await home.write("man/man1/rebase.1", page("REBASE", "1"));
    using docs = docsAt(project.path, manual());
    await expect(docs.add("man:rebas", { signal })).rejects.toMatchObject({
      message: expect.stringContaining(join(home.path, "man")),
      hint: "did you mean man:rebase?",
    });
  });

  const system = "/usr/share/man/man1";
  test.runIf(existsSync(system) && readdirSync(system).includes("ls.1.gz"))("of this system is read", async () => {
    using docs = docsAt(project.path);
    await docs.add("man:ls.1", { signal });
    expect(docs.search("sort by modification time")[0]?.path).toBe("ls.1");
  });
});
