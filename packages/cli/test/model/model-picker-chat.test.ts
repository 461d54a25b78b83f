import {
  fakeOllamaServer,
  fakeOpenAiServer,
  say,
  type TemporaryWorkspace,
  temporaryWorkspace,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { leave, openChat } from "../support/chat.ts";
import { buildProgram, type Home, scratchHome } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace();
});
afterEach(async () => {
  await home[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

test("a model picked in the chat goes on with the conversation", async () => {
  await using first = await fakeOpenAiServer([say("Answer of the first.")]);
  await using ollama = await fakeOllamaServer([say("Answer of the second.")], { models: [{ name: "second:1b" }] });
  const person: Home = { ...home, env: { ...home.env, OLLAMA_HOST: ollama.url } };
  using chat = await openChat(person, workspace.path, ["-m", first.url]);
  chat.type("question one\r");
  await chat.waitFor("Answer of the first.");
  chat.type("/model");
  chat.type("\r");
  await chat.waitFor("ollama/second:1b".slice("ollama/".length));
  chat.type("second");
  chat.type("\r");
  await chat.waitFor("Now using second:1b (Ollama on this machine).");
  chat.type("question two\r");
  await chat.waitFor("Answer of the second.");
  expect(JSON.stringify(ollama.requests.at(-1)?.body)).toMatch(/question one.*Answer of the first.*question two/);
  expect(await leave(chat)).toBe(0);
});
