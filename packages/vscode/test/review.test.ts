import { describe, expect, test } from "vitest";

import { openQuestion } from "../webview/state.ts";
import { Chat } from "./chat.ts";

describe.skipIf(process.platform === "win32")("the diff editor", () => {
  test("shows an older change apart from the one that is asked about", async () => {
    using chat = new Chat();
    const first = await chat.question("edit cart.ts a = 1 => a = 2");
    await chat.conversation.questions.answer(first.id, "no", false);
    await first.turn;
    const second = await chat.question("edit cart.ts a = 1 => a = 3");
    await chat.conversation.showChanges("call-1");
    expect(chat.editor.lookedAt).toEqual([{ toolId: "call-1", newText: "const a = 2;\n" }]);
    await chat.conversation.showChanges("call-2");
    expect(chat.editor.questions).toEqual([first.id, second.id, second.id]);
    await chat.conversation.cancel();
    await second.turn;
    await chat.conversation.showChanges("call-2");
    expect(chat.editor.lookedAt.at(-1)).toEqual({ toolId: "call-2", newText: "const a = 3;\n" });
  });

  test("that fails takes away neither the question nor its answer", async () => {
    using chat = new Chat();
    chat.editor.isBroken = true;
    const asked = await chat.question("edit cart.ts a = 1 => a = 2");
    expect(openQuestion(chat.state)?.question?.id).toBe(asked.id);
    await chat.conversation.questions.answer(asked.id, "yes", false);
    await asked.turn;
    expect(chat.content()).toBe("const a = 2;\n");
    expect(chat.log).toEqual(["The diff editor: Error: no editor", "The diff editor: Error: no editor"]);
  });
});
