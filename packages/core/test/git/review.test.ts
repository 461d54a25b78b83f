import { type Finding, openGit, readStagedDiff, reviewFacts, reviewRemarks } from "@trust-cli/core/git";
import { findSecrets } from "@trust-cli/core/privacy";
import { callTool, fail, say, type ScriptReply, scriptedModel } from "@trust-cli/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { nanoProfile, serverProfile } from "../../src/models/index.ts";
import { type Repository, temporaryRepository } from "./repository.ts";

let repository: Repository;
beforeEach(async () => {
  repository = await temporaryRepository();
});
afterEach(async () => {
  await repository[Symbol.asyncDispose]();
});

async function facts(files: Record<string, string>): Promise<Finding[]> {
  for (const [file, text] of Object.entries(files)) await repository.write(file, text);
  repository.git("add", "-A");
  const git = await openGit(repository.path);
  return reviewFacts(git, await readStagedDiff(git));
}

describe("facts about what is staged", () => {
  test("conflict markers and marks not to commit block, with their lines", async () => {
    const text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n// NOCOMMIT later\n";
    expect((await facts({ "a.ts": text })).map(({ rule, severity, line }) => [rule, severity, line])).toEqual([
      ["conflict-marker", "block", 2],
      ["conflict-marker", "block", 6],
      ["do-not-commit", "block", 7],
    ]);
  });

  test("a heading of equals signs in a document is no conflict", async () => {
    expect(await facts({ "README.rst": "Title\n=======\n\ntext\n" })).toEqual([]);
  });

  test("debug leftovers warn, in the languages they belong to", async () => {
    const found = await facts({
      "a.ts": "console.log(1);\ndebugger;\nit.only('x', f);\n",
      "b.py": "breakpoint()\nprint('console.log(')\n",
      "c.md": "call console.log(x)\n",
      "d.rs": "dbg!(x);\n",
    });
    expect(found.map(({ path, line, severity }) => [path, line, severity])).toEqual([
      ["a.ts", 1, "warn"],
      ["a.ts", 2, "warn"],
      ["a.ts", 3, "warn"],
      ["b.py", 1, "warn"],
      ["d.rs", 1, "warn"],
    ]);
  });

  test("lines that were there before do not count", async () => {
    await repository.write("a.ts", "console.log(1);\nb\n");
    repository.git("add", "-A");
    repository.git("commit", "-qm", "x");
    expect(await facts({ "a.ts": "console.log(1);\nc\n" })).toEqual([]);
  });

  test("large files are named, and text too long to be looked at is not passed over in silence", async () => {
    const found = await facts({ "big.bin": `\u0000${"x".repeat(1_500_000)}`, "line.txt": "x".repeat(30_000) });
    expect(found.map(({ path, rule, text }) => [path, rule, text])).toEqual([
      ["big.bin", "large-file", "1.5 MB"],
      ["line.txt", "not-read", expect.stringContaining("very long line")],
    ]);
  });

  const key = `AKIA${"Z7QRST2UVWXY3ABC"}`;
  const rulesOf = async (files: Record<string, string>): Promise<string[][]> =>
    (await facts(files)).map(({ rule, path }) => [rule, path]);

  test("a secret stands first, however many warnings there are", async () => {
    const found = await facts({ "a.js": "console.log(1)\n".repeat(250), "b.txt": `${key}\n` });
    expect(found[0]).toMatchObject({ rule: "secret", path: "b.txt" });
    expect(found.at(-1)).toMatchObject({ rule: "not-shown", text: "50 more" });
  });

  test("a secret is found in the last of very many files", async () => {
    const files = Array.from({ length: 1500 }, (_, index): [string, string] => [`f/${index}.txt`, "x\n"]);
    expect(await rulesOf({ ...Object.fromEntries(files), "z.txt": `${key}\n` })).toEqual([["secret", "z.txt"]]);
  });

  test("a secret is found in a lock file, and where the repository's attributes say that a file is binary", async () => {
    const found = await rulesOf({ "yarn.lock": `${key}\n`, ".env": `KEY=${key}\n`, ".gitattributes": ".env -diff\n" });
    expect(found).toEqual([
      ["secret", ".env"],
      ["secret", "yarn.lock"],
    ]);
  });

  test("a line that was made to slow the search down does not", async () => {
    expect((await facts({ "f.txt": "a.".repeat(150_000) })).map(({ rule }) => rule)).toEqual(["not-read"]);
  });

  test("an interruption ends the search", async () => {
    await repository.write("a.txt", "x\n".repeat(50_000));
    repository.git("add", "-A");
    const git = await openGit(repository.path);
    const files = await readStagedDiff(git);
    await expect(reviewFacts(git, files, AbortSignal.abort())).rejects.toThrow("abort");
  });

  test("a secret is found and never shown", async () => {
    const key = `AKIA${"Z7QRST2UVWXY3ABC"}`;
    const [found, ...rest] = await facts({ "a.ts": `const key = "${key}"; console.log(key);\n` });
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      rule: "secret",
      severity: "block",
      path: "a.ts",
      line: 1,
      text: "AWS access key AKIA…",
    });
    expect(JSON.stringify(found)).not.toContain(key);
  });
});

describe("secrets by their form", () => {
  // Put together here, so that no scanner takes this file for a leak.
  const parts: [string, string][] = [
    ["private key", "-----BEGIN " + "RSA PRIVATE KEY-----"],
    ["GitHub token", "ghp_" + "a1B2".repeat(9)],
    ["GitLab token", "glpat-" + "x9Y8z7W6v5U4t3S2r1Q0"],
    ["Slack token", "xoxb-" + "123456789012-abcdefABCDEF"],
    ["Google API key", "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"],
    ["Stripe key", "sk_live_" + "0123456789abcdefABCDEF01"],
    ["npm token", "npm_" + "0123456789abcdefghijABCDEFGHIJ012345"],
    ["Hugging Face token", "hf_" + "abcdefghijklmnopqrstuvwxyzABCDEFGH"],
    ["password in a URL", "postgres://ada:" + "s3cr3t-word@db.internal/shop"],
    [
      "JSON web token",
      `eyJ${"hbGciOiJIUzI1NiJ9".repeat(1)}.eyJ${"zdWIiOiIxMjM0NTY3ODkwIn0"}.${"dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"}`,
    ],
  ];

  test.each(parts)("a %s", (name, text) => {
    expect(findSecrets(`const value = "${text}";`).map((found) => found.name)).toEqual([name]);
  });

  test.each([
    "https://example.org/path:80/@scope",
    "postgres://user:${PASSWORD}@localhost/db",
    "AKIAIOSFODNN7EXAMPLE",
    "sha512-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ==",
    "const skill = sk_test_value;",
    "git@github.com:acme/repo.git",
    "ssh://git@github.com/acme/repo",
  ])("%j is none", (text) => {
    expect(findSecrets(text)).toEqual([]);
  });
});

describe("the model's remarks", () => {
  const remarks = async (reply: ScriptReply, profile = serverProfile) => {
    await repository.write("src/cart.ts", "export const a = 1;\nexport const b = a / 0;\n");
    repository.git("add", "-A");
    const files = await readStagedDiff(await openGit(repository.path));
    const model = scriptedModel([reply]);
    return reviewRemarks(files, { model, profile, systemText: "s" }, new AbortController().signal);
  };

  test("are kept for added lines, and dropped for any other", async () => {
    const all = [
      { file: "src/cart.ts", line: 2, problem: "divides by zero" },
      { file: "src/cart.ts", line: 40, problem: "there is no such line" },
      { file: "/etc/passwd", line: 1, problem: "not in the diff" },
    ];
    expect(await remarks(callTool("report_remarks", { remarks: all }))).toEqual({
      remarks: [{ path: "src/cart.ts", line: 2, text: "divides by zero" }],
    });
  });

  test.each([
    ["prose", say("Looks good to me")],
    ["another form", callTool("report_remarks", { remarks: "none" })],
    ["a failure", fail("it broke")],
  ])("%s instead is said, and is no error", async (_, reply) => {
    const { remarks: none, problem } = await remarks(reply);
    expect(none).toEqual([]);
    expect(problem).toBeDefined();
  });

  test("a model that is too small for it is not asked", async () => {
    const { problem } = await remarks(fail("it was asked"), nanoProfile);
    expect(problem).toBe("this model is too small to review code");
  });
});
