import { callTool, fakeOpenAiServer, say, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, expect, test } from "vitest";

import { leave, openChat } from "../support/chat.ts";
import { buildProgram, scratchHome } from "../support/program.ts";

beforeAll(buildProgram);

const plan = (first: string, second: string) =>
  callTool("plan", {
    items: [
      { text: "Read the file", status: first },
      { text: "Write it anew", status: second },
    ],
  });

test("plan mode changes nothing until the person approves, and the steps stay on the screen", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace({ "a.txt": "one\n" });
  await using server = await fakeOpenAiServer([
    callTool("write_file", { path: "b.txt", content: "two\n" }),
    plan("pending", "pending"),
    say("That is my plan."),
    plan("completed", "in_progress"),
    callTool("write_file", { path: "b.txt", content: "two\n" }),
    plan("completed", "completed"),
    say("Both are done."),
  ]);
  using chat = await openChat(home, workspace.path, ["-m", server.url, "--mode", "plan"]);
  chat.type("make b.txt\r");
  await chat.waitFor("/approve lets the plan be carried out");
  expect(chat.screen()).toContain("○ Write it anew");
  await expect(workspace.read("b.txt")).rejects.toThrow("ENOENT");
  expect(JSON.stringify(server.requests.at(-1)?.body)).toContain("[plan mode]");
  chat.type("/approve edit\r");
  await chat.waitFor("Both are done.");
  expect(chat.screen()).toContain("● Write it anew");
  expect(await workspace.read("b.txt")).toBe("two\n");
  const last = JSON.stringify(server.requests.at(-1)?.body);
  expect(last).toContain("plan mode has ended");
  expect(last).toContain("The plan is approved.");
  await chat.waitFor("edit mode");
  chat.type("/approve\r");
  await chat.waitFor("nothing to approve outside plan mode");
  await leave(chat);
});

test("shift-tab goes round the modes, and /mode names any", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace();
  await using server = await fakeOpenAiServer([]);
  using chat = await openChat(home, workspace.path, ["-m", server.url]);
  await chat.waitFor("ask mode");
  for (const mode of ["edit", "plan", "ask"]) {
    chat.type("\u001b[Z");
    await chat.waitFor(`${mode} mode`);
  }
  chat.type("/mode auto\r");
  await chat.waitFor("auto mode");
  chat.type("/mode nonsense\r");
  await chat.waitFor("nonsense");
  await leave(chat);
});
