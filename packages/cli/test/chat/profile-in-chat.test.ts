import { fakeOpenAiServer, say, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, expect, test } from "vitest";

import { leave, openChat } from "../support/chat.ts";
import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

test("/profile shows the profiles and goes on under one: mode, model and text, with the conversation kept", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace();
  await using first = await fakeOpenAiServer([say("Hello from the first.")]);
  await using second = await fakeOpenAiServer([say("Bonjour.")]);
  const settings = ["mode=plan", `model=${second.url}`, "instructions=Answer in French."];
  await trust(["profile", "create", "french", ...settings], { home, cwd: workspace.path });
  const chat = await openChat(home, workspace.path, ["-m", first.url]);
  chat.type("hi there\r");
  await chat.waitFor("Hello from the first.");
  chat.type("/profile\r");
  await chat.waitFor("french");
  chat.type("/profile french\r");
  await chat.waitFor("Profile french");
  await chat.waitFor("plan mode");
  chat.type("and now\r");
  await chat.waitFor("Bonjour.");
  const body = JSON.stringify(second.requests.at(-1)?.body);
  expect(body).toContain("Answer in French.");
  expect(body).toContain("hi there");
  chat.type("/profile nope\r");
  await chat.waitFor("there is no profile nope");
  await leave(chat);
});
