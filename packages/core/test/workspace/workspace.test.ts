import { execFileSync } from "node:child_process";
import { readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { openWorkspace, readTextFile, writeFileAtomically } from "../../src/workspace/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

async function resolved(root: string, path: string, purpose: "read" | "write" = "read"): Promise<string> {
  const result = await (await openWorkspace(root)).resolve(path, purpose);
  return result.ok ? `${result.value.kind} ${result.value.name}` : result.error.code;
}

describe("folders that decide over the model", () => {
  test.each(["trust/config.yaml", "trust/new/deep/index.json", "link/config.yaml"])(
    "inside the workspace are read and never written: %s",
    async (path) => {
      const root = temporaryFolder({ "trust/config.yaml": "mode: ask", "src/app.ts": "" });
      symlinkSync("trust", join(root, "link"));
      const workspace = await openWorkspace(root, [join(root, "trust"), join(root, "not", "there", "yet")]);
      expect((await workspace.resolve(path, "read")).ok).toBe(true);
      expect(await workspace.resolve(path, "write")).toMatchObject({ error: { code: "PATH_OUTSIDE" } });
      expect(await workspace.resolve("not/there/yet/x", "write")).toMatchObject({ error: { code: "PATH_OUTSIDE" } });
      expect((await workspace.resolve("src/app.ts", "write")).ok).toBe(true);
    },
  );
});

describe("a path inside the workspace", () => {
  test.each([
    ["src/app.ts", "file src/app.ts"],
    ["./src//app.ts", "file src/app.ts"],
    ["src/../src/app.ts", "file src/app.ts"],
    ["src\\app.ts", "file src/app.ts"],
    ["src", "directory src"],
    ["src/", "directory src"],
    [".", "directory ."],
    ["", "directory ."],
    ["src/new/deep.ts", "missing src/new/deep.ts"],
    ["src\\new.ts", "missing src/new.ts"],
    ["..hidden", "missing ..hidden"],
  ])("%j leads to %s", async (path, expected) => {
    const root = temporaryFolder({ "src/app.ts": "" });
    expect(await resolved(root, path)).toBe(expected);
    expect(await resolved(root, path, "write")).toBe(expected);
  });

  test("may be absolute, also when the workspace was opened through a link", async () => {
    const root = temporaryFolder({ "real/app.ts": "" });
    symlinkSync("real", join(root, "link"));
    expect(await resolved(join(root, "link"), join(root, "link/app.ts"))).toBe("file app.ts");
    expect(await resolved(join(root, "link"), join(root, "real/app.ts"))).toBe("file app.ts");
  });

  test("keeps a backslash that is part of a name", async () => {
    const root = temporaryFolder({ "odd\\name.txt": "" });
    expect(await resolved(root, "odd\\name.txt")).toBe("file odd\\name.txt");
  });

  test("is called by what it leads to, so that a link cannot hide from a rule", async () => {
    const root = temporaryFolder({ ".env": "", "src/app.ts": "" });
    symlinkSync(".env", join(root, "harmless.txt"));
    const workspace = await openWorkspace(root);
    expect(workspace.nameOf("harmless.txt")).toBe(".env");
    expect(workspace.nameOf("src/../.env")).toBe(".env");
    expect(workspace.nameOf(join(root, "src", "new.ts"))).toBe("src/new.ts");
    expect(workspace.nameOf("/etc/passwd")).toBe("/etc/passwd");
    expect(workspace.nameOf("a\0b\\c")).toContain("a\0b");
  });
});

describe("a path out of the workspace is refused", () => {
  test.each(["..", "../x", "src/../../x", "/etc/passwd", "/dev/zero", "/", "~", "~/x", "C:\\x", "C:/x", "\\\\host\\x"])(
    "%j",
    async (path) => {
      const root = temporaryFolder({ "src/app.ts": "" });
      expect(await resolved(root, path)).toBe("PATH_OUTSIDE");
      expect(await resolved(root, path, "write")).toBe("PATH_OUTSIDE");
    },
  );

  test("when a sibling folder only begins with the same name", async () => {
    const root = temporaryFolder({ "app/a.ts": "", "app-secret/b.ts": "" });
    expect(await resolved(join(root, "app"), "../app-secret/b.ts")).toBe("PATH_OUTSIDE");
  });

  test("when a link leads out: to a file, to a folder, to something missing below it", async () => {
    const outside = temporaryFolder({ "secret.txt": "" });
    const root = temporaryFolder({});
    symlinkSync(join(outside, "secret.txt"), join(root, "file"));
    symlinkSync(outside, join(root, "folder"));
    for (const path of ["file", "folder", "folder/secret.txt", "folder/new.txt", "folder/new/deep.txt"]) {
      expect(await resolved(root, path)).toBe("PATH_OUTSIDE");
      expect(await resolved(root, path, "write")).toBe("PATH_OUTSIDE");
    }
  });

  test("when two links together lead out, which realpathSync misreads", async () => {
    const parent = temporaryFolder({ "secret.txt": "outside", "root/a.txt": "" });
    const root = join(parent, "root");
    symlinkSync(".", join(root, "cur"));
    symlinkSync("cur/..", join(root, "par"));
    expect(realpathSync.native(join(root, "par"))).toBe(parent);
    for (const path of ["par", "par/secret.txt", "par/new.txt", "cur/par/secret.txt"]) {
      expect(await resolved(root, path)).toBe("PATH_OUTSIDE");
      expect((await openWorkspace(root)).nameOf(path)).toContain(parent);
    }
    expect(await resolved(root, "cur/cur/a.txt")).toBe("file a.txt");
  });

  test("says so in a sentence with a next step", async () => {
    const result = await (await openWorkspace(temporaryFolder())).resolve("../x", "read");
    expect(result).toMatchObject({
      error: { message: "../x is not allowed: it leads outside the workspace", hint: expect.stringContaining("src/") },
    });
  });

  test("whatever the string", async () => {
    const parent = temporaryFolder({ "secret.txt": "", "root/src/app.ts": "", "root/.git/config": "" });
    const root = join(parent, "root");
    symlinkSync("..", join(root, "up"));
    symlinkSync(".", join(root, "cur"));
    symlinkSync("cur/..", join(root, "par"));
    symlinkSync("/", join(root, "src", "top"));
    const workspace = await openWorkspace(root);
    const part = fc.constantFrom(
      "..",
      ".",
      "",
      "up",
      "cur",
      "par",
      "src",
      "top",
      "secret.txt",
      ".git",
      "~",
      "\\..",
      "\0",
    );
    const path = fc.oneof(
      fc.array(fc.oneof({ weight: 4, arbitrary: part }, fc.string()), { maxLength: 8 }).map((parts) => parts.join("/")),
      fc.string({ unit: "binary" }),
    );
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom("read" as const, "write" as const), async (text, purpose) => {
        const result = await workspace.resolve(text, purpose);
        workspace.nameOf(text);
        if (!result.ok) return;
        const { path: found, name, kind } = result.value;
        expect(found === root || found.startsWith(`${root}/`)).toBe(true);
        expect(kind === "missing" || realpathSync.native(found) === found).toBe(true);
        expect(purpose === "write" && name.split("/").includes(".git")).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("what is no place for text is refused", () => {
  test("a NUL character", async () => {
    expect(await resolved(temporaryFolder(), "a\0b")).toBe("INPUT_INVALID");
  });

  test("a write into .git, in any spelling and by a link, while reading is allowed", async () => {
    const root = temporaryFolder({ ".git/hooks/pre-commit": "", "sub/.git": "gitdir: x" });
    symlinkSync(".git", join(root, "innocent"));
    for (const path of [".git", ".git/hooks/new", ".GIT/x", "git~1/x", "sub/.git", "innocent/hooks/pre-commit"]) {
      expect(await resolved(root, path, "write")).toBe("PATH_OUTSIDE");
    }
    expect(await resolved(root, ".gitignore", "write")).toBe("missing .gitignore");
    expect(await resolved(root, ".git/hooks/pre-commit")).toBe("file .git/hooks/pre-commit");
  });

  test("a link that leads nowhere or in a circle", async () => {
    const root = temporaryFolder();
    symlinkSync(join(root, "..", "not-there"), join(root, "dangling"));
    symlinkSync("circle", join(root, "circle"));
    for (const path of ["dangling", "circle", "dangling/x"]) {
      expect(await resolved(root, path, "write")).toBe("FILE_FAILED");
    }
  });

  test.skipIf(process.platform === "win32")("a named pipe", async () => {
    const root = temporaryFolder();
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(await resolved(root, "pipe")).toBe("FILE_FAILED");
  });

  test("a file used as a folder", async () => {
    expect(await resolved(temporaryFolder({ "a.txt": "" }), "a.txt/b", "write")).toBe("FILE_FAILED");
  });
});

describe("opening a workspace", () => {
  test("fails for a file and for nothing", async () => {
    const root = temporaryFolder({ "a.txt": "" });
    await expect(openWorkspace(join(root, "a.txt"))).rejects.toMatchObject({ code: "FILE_FAILED" });
    await expect(openWorkspace(join(root, "none"))).rejects.toMatchObject({ code: "FILE_FAILED" });
  });

  test("in the home folder understands ~", async () => {
    const home = realpathSync.native(homedir());
    expect(await resolved(home, "~")).toBe("directory .");
  });

  test("survives a folder that is replaced by a link after it was resolved", async () => {
    const outside = temporaryFolder({ "a.txt": "secret" });
    const root = temporaryFolder({ "src/a.txt": "mine" });
    const workspace = await openWorkspace(root);
    const target = await workspace.resolve("src/a.txt", "write");
    rmSync(join(root, "src"), { recursive: true });
    symlinkSync(outside, join(root, "src"));
    if (!target.ok) throw target.error;
    expect(await readTextFile(target.value, { maxBytes: 100 })).toMatchObject({ error: { code: "FILE_CONFLICT" } });
    const written = await writeFileAtomically(target.value, Buffer.from("x"), undefined);
    expect(written).toMatchObject({ error: { code: "FILE_CONFLICT" } });
    expect(readdirSync(outside)).toEqual(["a.txt"]);
  });
});
