import { describe, expect, test } from "vitest";

import { Chat } from "./chat.ts";

/** `new`, `load`, `close` and `prompt`, without what the session is called. */
const kinds = (chat: Chat): string[] => chat.requests().map((line) => line.split(" ")[0] ?? "");

/** Waits until the agent was asked for the first time in this way. */
async function asked(chat: Chat, kind: string): Promise<void> {
  await expect.poll(() => kinds(chat)).toContain(kind);
}

describe.skipIf(process.platform === "win32")("leaving a conversation", () => {
  test("closes its session before another one is opened, also when its turn runs", async () => {
    using chat = new Chat();
    const { id } = await chat.conversation.open();
    const turn = chat.conversation.prompt("slow", undefined);
    await expect.poll(() => chat.texts().length).toBe(2);
    await chat.conversation.newChat();
    await turn;
    expect(chat.requests().filter((line) => !line.startsWith("prompt"))).toEqual([
      `new ${id}`,
      `close ${id}`,
      `new ${(await chat.conversation.open()).id}`,
    ]);
  });

  test("keeps a session that is only loaded again", async () => {
    using chat = new Chat();
    await chat.conversation.prompt("remember", undefined);
    const { id, cwd } = await chat.conversation.open();
    await chat.conversation.loadSession({ sessionId: id, cwd });
    expect(kinds(chat)).toEqual(["new", "prompt", "load"]);
    expect(chat.texts()[0]).toBe("remember");
  });

  test("a turn that is stopped while the session opens sends nothing", async () => {
    using chat = new Chat();
    const opening = chat.slowOpening();
    const turn = chat.conversation.prompt("hello", undefined);
    await asked(chat, "new");
    await chat.conversation.cancel();
    opening[Symbol.dispose]();
    await turn;
    expect(kinds(chat)).toEqual(["new"]);
    expect(chat.texts()).toEqual(["hello", "Stopped."]);
    await chat.conversation.prompt("again", undefined);
    expect(chat.texts().at(-1)).toContain("You said **again**");
  });

  test("a new chat during the opening gets nothing of the message before, and frees what was opened", async () => {
    using chat = new Chat();
    const opening = chat.slowOpening();
    const turn = chat.conversation.prompt("hello", undefined);
    await asked(chat, "new");
    const other = chat.conversation.newChat();
    opening[Symbol.dispose]();
    await Promise.all([turn, other]);
    const [first = ""] = chat.requests();
    const { id } = await chat.conversation.open();
    expect(chat.requests()).toEqual([first, first.replace("new", "close"), `new ${id}`]);
    expect(chat.texts()).toEqual([]);
  });

  test("an earlier chat that is opened during the opening stays the one that is shown", async () => {
    using chat = new Chat();
    await chat.conversation.prompt("remember", undefined);
    const [earlier] = await chat.conversation.listSessions();
    const opening = chat.slowOpening();
    const other = chat.conversation.newChat();
    await expect.poll(() => kinds(chat).filter((kind) => kind === "new")).toHaveLength(2);
    const loading = chat.conversation.loadSession(earlier ?? { sessionId: "", cwd: "" });
    opening[Symbol.dispose]();
    await Promise.all([other, loading]);
    expect((await chat.conversation.open()).id).toBe(earlier?.sessionId);
    expect(chat.texts()[0]).toBe("remember");
  });

  test("a new chat during the reload after a restart does not go on with the old one", async () => {
    using chat = new Chat();
    await chat.conversation.prompt("remember", undefined);
    const { id: before } = await chat.conversation.open();
    const opening = chat.slowOpening();
    await chat.supervisor.restart();
    const reload = chat.conversation.open();
    await asked(chat, "load");
    const other = chat.conversation.newChat();
    opening[Symbol.dispose]();
    await Promise.all([reload, other]);
    const { id } = await chat.conversation.open();
    expect(id).not.toBe(before);
    expect((await reload).id).toBe(id);
    await chat.conversation.prompt("fresh", undefined);
    expect(chat.requests().at(-1)).toBe(`prompt ${id} fresh`);
    expect(chat.texts()[0]).toBe("fresh");
  });
});
