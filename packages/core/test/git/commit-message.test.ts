import {
  formatCommitMessage,
  openGit,
  parseCommitMessage,
  readStagedDiff,
  writeCommitMessage,
} from "@trust-cli/core/git";
import type { ScaffoldProfile } from "@trust-cli/core/ports";
import { say, scriptedModel } from "@trust-cli/core/testing";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { serverProfile } from "../../src/models/index.ts";
import { type Repository, temporaryRepository } from "./repository.ts";

let repository: Repository;
beforeEach(async () => {
  repository = await temporaryRepository();
});
afterEach(async () => {
  await repository[Symbol.asyncDispose]();
});

const form = /^(feat|fix|docs|style|refactor|perf|test|build|ci|chore|revert)(\([\w./@-]+\))?!?: \S/;

describe("the form of a message", () => {
  test.each([
    ["feat(cart): add free shipping", "feat(cart): add free shipping"],
    ["Fix: Handle an empty list.", "fix: Handle an empty list"],
    ["```\nfeat!: drop Node 20\n\nIt is old.\n```", "feat!: drop Node 20\n\nIt is old."],
    ["Here is the message:\n\n`docs: mend a link`", "docs: mend a link"],
    ['"chore: tidy up"', "chore: tidy up"],
    ["fix: a\u001b[31m red\u001b[0m word", "fix: a[31m red[0m word"],
  ])("%j is read", (text, expected) => {
    const parsed = parseCommitMessage(text);
    expect(parsed && formatCommitMessage(parsed)).toBe(expected);
  });

  test.each(["", "add a thing", "feature: x", "feat:", "feat: a", `fix: ${"very ".repeat(20)}long`, "feat(a b): c d"])(
    "%j has none",
    (text) => {
      expect(parseCommitMessage(text)).toBeUndefined();
    },
  );

  test("whatever is read has one header line of at most 72 characters, and no line that Git takes for a comment", () => {
    const words = fc.array(
      fc.constantFrom(
        "feat",
        "(a)",
        "!",
        ": ",
        "fix: ",
        "x",
        "# no",
        "\n",
        "\n\n",
        "```",
        " long word",
        "\u0007",
        "\r\n",
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((all) => all.join("")),
          fc.string(),
        ),
        (text) => {
          const parsed = parseCommitMessage(text);
          if (parsed === undefined) return;
          const [header = "", blank = "", ...body] = formatCommitMessage(parsed).split("\n");
          expect(header).toMatch(form);
          expect(header.length).toBeLessThanOrEqual(72);
          expect(blank).toBe("");
          expect(body.some((line) => line.startsWith("#"))).toBe(false);
          expect(parseCommitMessage(formatCommitMessage(parsed))).toEqual(parsed);
        },
      ),
    );
  });
});

describe("writing a message", () => {
  const write = async (replies: string[], options: { contextSize?: number; profile?: ScaffoldProfile } = {}) => {
    const files = await readStagedDiff(await openGit(repository.path));
    const model = scriptedModel(
      replies.map((text) => say(text)),
      { contextSize: options.contextSize ?? 8192 },
    );
    const writer = { model, profile: options.profile ?? serverProfile, systemText: "You are Trust." };
    const written = await writeCommitMessage(files, writer, new AbortController().signal);
    return { ...written, text: formatCommitMessage(written.message), requests: model.requests };
  };

  test("keeps a message of the model that has the form and speaks of the change", async () => {
    await repository.write("src/cart.ts", "export const shipping = 5;\n");
    repository.git("add", "-A");
    expect(await write(["feat(cart): charge for shipping"])).toMatchObject({
      text: "feat(cart): charge for shipping",
      source: "model",
    });
  });

  test("asks once more, and then states the facts, when the form is wrong", async () => {
    await repository.write("src/cart.ts", "export const shipping = 5;\n");
    repository.git("add", "-A");
    const result = await write(["I added a file.", "Sure! I added it."]);
    expect(result).toMatchObject({ text: "feat: add src/cart.ts", source: "facts" });
    expect(result.requests).toHaveLength(2);
    expect(result.problem).toContain("no Conventional Commits message");
  });

  test("does not believe a message about something that is not in the change", async () => {
    await repository.write("src/cart.ts", "export const shipping = 5;\n");
    repository.git("add", "-A");
    const result = await write(["fix: repair the login dialog", "fix: repair the login dialog"]);
    expect(result).toMatchObject({ source: "facts", text: "feat: add src/cart.ts" });
  });

  test("does not believe a subject with half a bracket", async () => {
    await repository.write("src/cart.ts", "export const total = (items) => items;\n");
    repository.git("add", "-A");
    expect((await write(["refactor: rename item to items) total", "fix: total(items"])).source).toBe("facts");
  });

  test("lets the paths decide the type where they can", async () => {
    await repository.write("README.md", "# Shipping\n");
    repository.git("add", "-A");
    expect((await write(["feat(readme): explain shipping"])).text).toBe("docs: explain shipping");
  });

  test.each([
    [{ "yarn.lock": "a\n" }, "build: add yarn.lock"],
    [{ "docs/a.md": "a\n", "docs/b.md": "b\n" }, "docs: add 2 files in docs"],
    [{ "logo.png": "\u0000\u0001" }, "feat: add logo.png"],
    [{ "a\nb.bin": "\u0000\u0001" }, "feat: add a b.bin"],
  ])("without lines to read, %j is committed as the bare facts, without asking the model", async (files, text) => {
    for (const [file, content] of Object.entries(files)) await repository.write(file, content);
    repository.git("add", "-A");
    const replies = Object.keys(files).some((file) => file.endsWith(".md")) ? ["?", "?"] : [];
    expect(await write(replies)).toMatchObject({ text, source: "facts" });
  });

  test("shows less and less of a change until it fits the window", async () => {
    await repository.write(
      "src/big.ts",
      Array.from({ length: 2000 }, (_, line) => `const value${line} = ${line};\n`).join(""),
    );
    await repository.write("package-lock.json", "{}\n");
    repository.git("add", "-A");
    const { requests, source } = await write(["feat: add values to big"], { contextSize: 1024 });
    expect(source).toBe("model");
    const prompt = requests[0]?.messages.at(-1)?.text ?? "";
    expect(prompt.length / 4).toBeLessThan(1024);
    expect(prompt).toContain("more lines)");
    expect(prompt).toContain("(lock file: +1 -0 lines)");
  });

  test("states the facts when the window is too small for anything, or the model fails", async () => {
    await repository.write("src/cart.ts", "export const shipping = 5;\n");
    repository.git("add", "-A");
    expect(await write([], { contextSize: 180 })).toMatchObject({ source: "facts" });
  });
});
