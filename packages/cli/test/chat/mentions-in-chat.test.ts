import { execFileSync } from "node:child_process";

import { callTool, fakeOpenAiServer, say, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, expect, test } from "vitest";

import { leave, openChat } from "../support/chat.ts";
import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

const files = {
  "src/store.ts": "export function put(key: string): string {\n  return key;\n}\n",
  "src/other.ts": "export const other = 1;\n",
  "packages/web/AGENTS.md": "Write no semicolons here.\n",
  "packages/web/a.js": "let a = 1\n",
};

test("what a message takes along is shown while it is written, and goes with it", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace(files);
  await using server = await fakeOpenAiServer([say("It returns the key.")]);
  using chat = await openChat(home, workspace.path, ["-m", server.url]);
  chat.type("what does @src/store.ts:1-3 do, and @nothing?");
  await chat.waitFor("+ @src/store.ts:1-3 ≈17 tokens · @nothing (no such file, folder or symbol");
  chat.type("\r");
  await chat.waitFor("It returns the key.");
  expect(chat.screen()).toContain("with your message: @src/store.ts:1-3 ≈17 tokens, @nothing (no such");
  expect(JSON.stringify(server.requests.at(-1)?.body)).toContain("return key;");
  await leave(chat);
});

test("a symbol, a folder, a pattern and the diff go along with a question from the command line", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace(files);
  const git = (...args: string[]): void => void execFileSync("git", args, { cwd: workspace.path });
  git("init", "-q");
  git("add", ".");
  git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "one");
  await workspace.write("src/other.ts", "export const other = 2;\n");
  await using server = await fakeOpenAiServer([say("Seen.")]);
  const question = "see @put, @packages/web, @src/o*.ts, @diff and @terminal";
  const { stdout, stderr } = await trust(["-m", server.url, "-p", question], { home, cwd: workspace.path });
  expect(stdout).toBe("Seen.\n");
  expect(stderr).toMatch(
    /with your message: @put ≈\d+ tokens, @packages\/web ≈\d+ tokens, @src\/o\*\.ts ≈\d+ tokens, /,
  );
  expect(stderr).toContain("@terminal (no command was run in this conversation)");
  const body = JSON.stringify(server.requests.at(-1)?.body);
  for (const part of [
    "[src/store.ts, lines 1 to 3]",
    "[packages/web/a.js]",
    "[src/other.ts]",
    "+export const other = 2;",
  ]) {
    expect(body).toContain(part);
  }
});

test("rules that forbid reading hold for what is mentioned", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace(files);
  await using server = await fakeOpenAiServer([say("No.")]);
  const args = ["-m", server.url, "--deny", "read_file(src/**)", "-p", "see @src/store.ts"];
  const { stderr } = await trust(args, { home, cwd: workspace.path });
  expect(stderr).toMatch(/@src\/store\.ts \(read_file was not run: .*forbids it\)/);
  expect(JSON.stringify(server.requests.at(-1)?.body)).not.toContain("return key;");
});

test("the first look into a folder with instructions of its own tells them, once", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace(files);
  const read = callTool("read_file", { path: "packages/web/a.js" });
  await using server = await fakeOpenAiServer([read, read, say("Read.")]);
  await trust(["-m", server.url, "-p", "read it"], { home, cwd: workspace.path });
  const body = JSON.stringify(server.requests.at(-1)?.body);
  expect(body.split("Write no semicolons here.")).toHaveLength(2);
  expect(body).toContain("From packages/web/AGENTS.md");
});

test("what is piped in is data: an @ in it means nothing", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace({ ...files, "secret.txt": "the secret plan\n" });
  await using server = await fakeOpenAiServer([say("A page.")]);
  const page = { home, cwd: workspace.path, input: "see @secret.txt and @src\n" };
  await trust(["-m", server.url, "-p", "summarise this page"], page);
  const body = JSON.stringify(server.requests.at(-1)?.body);
  expect(body).toContain("see @secret.txt");
  expect(body).not.toContain("the secret plan");
});
