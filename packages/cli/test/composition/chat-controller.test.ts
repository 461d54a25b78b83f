import { type FakeOpenAiServer, fakeOpenAiServer, say } from "@trust-cli/core/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { createChatController } from "../../src/composition/chat-controller.ts";
import { type Home, scratchHome } from "../support/program.ts";

const never = new AbortController().signal;
const ignore = (): void => undefined;

let home: Home;
let first: FakeOpenAiServer;
let second: FakeOpenAiServer;
beforeEach(async () => {
  home = await scratchHome();
  vi.stubEnv("TRUST_HOME", home.folder);
  first = await fakeOpenAiServer([say("from the first")], { models: [{ id: "first" }] });
  second = await fakeOpenAiServer([say("from the second")], { models: [{ id: "second" }] });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const openChat = (model: string) => createChatController({ cwd: home.folder, model }, { kind: "new" });

async function ask(chat: Awaited<ReturnType<typeof openChat>>): Promise<string> {
  let answer = "";
  for await (const event of chat.runTurn("hi", never)) if (event.type === "text-delta") answer += event.delta;
  return answer;
}

describe("changing the model of a chat", () => {
  test("gives the name of the model that answers from then on", async () => {
    await using chat = await openChat(first.url);
    const changed = await chat.command.useModel(second.url, never, ignore);
    expect(changed).toMatchObject({ name: "second", local: true, note: "a server on this machine" });
    expect(await ask(chat)).toBe("from the second");
  });

  test("to one that does not answer keeps the old one, and says so", async () => {
    await using chat = await openChat(first.url);
    const { url } = second;
    await second[Symbol.asyncDispose]();
    await expect(chat.command.useModel(url, never, ignore)).rejects.toThrow(/stays in use$/);
    expect(await ask(chat)).toBe("from the first");
    second = await fakeOpenAiServer([]);
  });

  test("that is stopped keeps the old one", async () => {
    await using chat = await openChat(first.url);
    await expect(chat.command.useModel(second.url, AbortSignal.abort(), ignore)).rejects.toThrow(/abort/i);
    expect(await ask(chat)).toBe("from the first");
  });

  test("during the first warm-up shows no error of the model that went", async () => {
    await using chat = await openChat("nano");
    const warmUp = chat.warmUp(ignore);
    await chat.command.useModel(second.url, never, ignore);
    expect(await warmUp).toMatchObject({ name: "second" });
  });
});
