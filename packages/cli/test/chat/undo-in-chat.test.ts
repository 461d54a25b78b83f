import { callTool, fakeOpenAiServer, say, type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { leave, openChat } from "../support/chat.ts";
import { buildProgram, type Home, scratchHome } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace({ "a.txt": "one\n", "b.txt": "two\n" });
});
afterEach(async () => {
  await home[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const editing = (path: string, from: string, to: string) => [
  callTool("edit_file", { path, old_text: from, new_text: to }),
];

test("/undo and /redo take a whole turn back and forth; /rewind forgets what was said, too", async () => {
  await using server = await fakeOpenAiServer([
    [...editing("a.txt", "one", "1")],
    [...editing("b.txt", "two", "2")],
    say("Both are changed."),
    say("Hello."),
    say("Afresh."),
  ]);
  using chat = await openChat(home, workspace.path, ["-m", server.url, "--mode", "auto"]);
  const both = async (): Promise<string> => (await workspace.read("a.txt")) + (await workspace.read("b.txt"));
  chat.type("write digits\r");
  await chat.waitFor("Both are changed.");
  expect(await both()).toBe("1\n2\n");
  chat.type("/undo\r");
  await chat.waitFor(/Undid t\d+: write digits/);
  expect(await both()).toBe("one\ntwo\n");
  chat.type("/redo\r");
  await chat.waitFor(/Redid t\d+: write digits/);
  expect(await both()).toBe("1\n2\n");
  chat.type("say hello\r");
  await chat.waitFor("Hello.");
  chat.type("/rewind\r");
  await chat.waitFor(/1 {2}say hello\s+2 {2}write digits/);
  chat.type("/rewind 2\r");
  await chat.waitFor("Back before: write digits");
  expect(await both()).toBe("one\ntwo\n");
  chat.type("begin again\r");
  await chat.waitFor("Afresh.");
  const body = JSON.stringify(server.requests.at(-1)?.body);
  expect(body).toContain("begin again");
  expect(body).not.toMatch(/write digits|say hello/);
  expect(await leave(chat)).toBe(0);
  using again = await openChat(home, workspace.path, ["-m", server.url, "-c"]);
  await again.waitFor("begin again");
  expect(again.screen()).not.toContain("write digits");
});
