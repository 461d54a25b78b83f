import { describe, expect, test } from "vitest";

import { emptyState, openQuestion, reduce } from "../webview/state.ts";
import { Chat } from "./chat.ts";

describe.skipIf(process.platform === "win32")("a conversation", () => {
  test("shows a turn, and gives all of it to a view that is opened later", async () => {
    using chat = new Chat();
    await chat.conversation.prompt("hello", undefined);
    expect(chat.texts()).toEqual(["hello", expect.stringContaining("You said **hello**")]);
    expect(chat.state).toMatchObject({ isWorking: false, usage: { used: 812, size: 4096 } });
    await expect.poll(() => chat.state.about).toEqual({ model: "scripted", note: "scripted for tests", isLocal: true });
    const later = chat.conversation.replay().reduce(reduce, emptyState);
    expect(later).toEqual(chat.state);
  });

  test("makes an allowed change and leaves a rejected one, with the proposal on the screen until then", async () => {
    using chat = new Chat();
    const first = await chat.question("edit cart.ts a = 1 => a = 2");
    expect(chat.editor.shown).toEqual([chat.file]);
    expect(first.answers).toEqual(["Allow once", "Allow changes here this session", "Reject"]);
    await chat.conversation.questions.answer(first.id, "no", false);
    await first.turn;
    expect(chat.content()).toBe("const a = 1;\n");
    expect(chat.editor.shown).toEqual([]);
    const second = await chat.question("edit cart.ts a = 1 => a = 2");
    await chat.conversation.questions.answerAs(second.id, "allow");
    await second.turn;
    expect(chat.content()).toBe("const a = 2;\n");
    expect(chat.texts()).toContain("edit_file cart.ts: denied");
    expect(chat.texts()).toContain("edit_file cart.ts: completed");
  });

  test("rejects after saving when the model has not seen the person's text, and tells it to read again", async () => {
    using chat = new Chat();
    chat.editor.unsaved.set(chat.file, "const a = 1; // mine\n");
    const asked = await chat.question("edit cart.ts a = 1 => a = 2");
    expect(asked.answers).toEqual(["Save and let the model read it", "Reject"]);
    await chat.conversation.questions.answer(asked.id, "yes", true);
    await asked.turn;
    expect(chat.content()).toBe("const a = 1; // mine\n");
    expect(chat.texts().at(-1)).toContain("cart.ts was changed by the person and is saved now: read it again");
  });

  test("saves and allows when the model's text is the person's", async () => {
    using chat = new Chat();
    chat.editor.unsaved.set(chat.file, "const a = 1;\n");
    const asked = await chat.question("edit cart.ts a = 1 => a = 2");
    expect(asked.answers).toEqual(["Save and allow", "Reject"]);
    await chat.conversation.questions.answer(asked.id, "yes", true);
    await asked.turn;
    expect(chat.content()).toBe("const a = 2;\n");
  });

  test("rejects when saving itself changes the text, as formatters do", async () => {
    using chat = new Chat();
    chat.editor.unsaved.set(chat.file, "const a = 1;\n");
    chat.editor.format = (text) => text.replaceAll(" ", "  ");
    const asked = await chat.question("edit cart.ts a = 1 => a = 2");
    await chat.conversation.questions.answer(asked.id, "yes", true);
    await asked.turn;
    expect(chat.content()).toBe("const  a  =  1;\n");
  });

  test("asks again when the person typed into the file after the question was shown", async () => {
    using chat = new Chat();
    const asked = await chat.question("edit cart.ts a = 1 => a = 2");
    chat.editor.unsaved.set(chat.file, "const a = 1; // later\n");
    await chat.conversation.questions.answer(asked.id, "yes", false);
    expect(openQuestion(chat.state)?.question?.warning).toContain("unsaved changes that the model has not seen");
    await chat.conversation.questions.answer(asked.id, "no", false);
    await asked.turn;
    expect(chat.editor.unsavedText(chat.file)).toBe("const a = 1; // later\n");
    expect(chat.content()).toBe("const a = 1;\n");
  });

  test("a stopped turn answers what was asked, and closes the proposal", async () => {
    using chat = new Chat();
    const asked = await chat.question("edit cart.ts a = 1 => a = 2");
    await chat.conversation.cancel();
    await asked.turn;
    expect(chat.texts().at(-1)).toBe("Stopped.");
    expect(chat.editor.shown).toEqual([]);
    expect(chat.content()).toBe("const a = 1;\n");
  });

  test("goes on with the same session after the agent was killed, also in the middle of a turn", async () => {
    using chat = new Chat();
    await chat.conversation.prompt("remember", undefined);
    const before = await chat.conversation.open();
    const asked = await chat.question("edit cart.ts a = 1 => a = 2");
    chat.killAgent();
    await asked.turn;
    expect(chat.texts().at(-1)).toBe("trust acp was ended by SIGKILL");
    expect(chat.editor.shown).toEqual([]);
    await chat.conversation.prompt("again", undefined);
    expect((await chat.conversation.open()).id).toBe(before.id);
    expect(chat.texts().filter((text) => /remember/.test(text))).toHaveLength(2);
    expect(chat.texts().at(-1)).toContain("You said **again**");
  });

  test("leaves a running turn for a new chat, where nothing of it shows up", async () => {
    using chat = new Chat();
    const turn = chat.conversation.prompt("slow", undefined);
    await expect.poll(() => chat.texts().length).toBe(2);
    await chat.conversation.newChat();
    await turn;
    expect(chat.state).toMatchObject({ items: [], isWorking: false, usage: undefined });
    const [earlier] = await chat.conversation.listSessions();
    await chat.conversation.loadSession(earlier ?? { sessionId: "", cwd: "" });
    expect(chat.texts()[0]).toBe("slow");
  });

  test("a question that the agent withdraws is gone", async () => {
    using chat = new Chat();
    const { id } = await chat.conversation.open();
    const withdrawn = new AbortController();
    const toolCall = { toolCallId: "1", title: "run_command ls" };
    const options = [{ optionId: "yes", name: "Allow once", kind: "allow_once" as const }];
    const asked = chat.conversation.requestPermission({ sessionId: id, toolCall, options }, withdrawn.signal);
    withdrawn.abort();
    expect(await asked).toEqual({ outcome: { outcome: "cancelled" } });
    expect(openQuestion(chat.state)).toBeUndefined();
  });

  test("changes the model of the session", async () => {
    using chat = new Chat();
    await chat.conversation.setOption("model", "other");
    expect(chat.state.options).toMatchObject([{ id: "model", value: "other" }, { id: "mode" }]);
  });
});
