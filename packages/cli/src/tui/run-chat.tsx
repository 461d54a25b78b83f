import { render } from "ink";

import { ChatInput } from "./chat-input.ts";
import { ChatRunner } from "./chat-runner.ts";
import { Chat } from "./components/chat.tsx";
import type { ChatController } from "./controller.ts";
import { runPlainChat } from "./plain-chat.ts";
import { historyBlocks } from "./state/history-blocks.ts";
import { emptyPrompt, type Prompt, type PromptAction, reducePrompt } from "./state/prompt.ts";
import { reduceView, type ViewEvent } from "./state/reduce.ts";
import { changeScreen, emptyScreen } from "./state/screen.ts";
import { createStore, type Store } from "./state/store.ts";
import { type ChatView, createView } from "./state/view.ts";
import { createPaint, type Paint } from "./text/theme.ts";

/**
 * Shows the chat on this terminal until the person leaves and the turn that ran then has ended.
 * Needs a terminal on standard input and output.
 */
export async function runChat(controller: ChatController): Promise<void> {
  const view = createStore(reduceView, createView(controller.start, historyBlocks(controller.history)));
  const runner = new ChatRunner(controller, view);
  const paint = createPaint(process.env);
  if (process.env["TERM"] === "dumb") {
    await runPlainChat({ view, runner, paint, addHistory: (text) => controller.inputHistory.add(text) });
  } else {
    await runScreen({ controller, view, runner, paint });
  }
  await runner.idle();
}

interface ScreenParts {
  controller: ChatController;
  view: Store<ChatView, ViewEvent>;
  runner: ChatRunner;
  paint: Paint;
}

async function runScreen({ controller, view, runner, paint }: ScreenParts): Promise<void> {
  const prompt = createStore<Prompt, PromptAction>(reducePrompt, emptyPrompt);
  const screen = createStore(changeScreen, emptyScreen);
  const input = new ChatInput({ controller, runner, view, prompt, screen });
  const actions = {
    showAbove: (callId: string) => view.dispatch({ type: "ui", event: { type: "preview-shown", callId } }),
    drawn: (callId: string) => input.dialogDrawn(callId),
  };
  // Before the prompt can be seen: a key typed between the first frame and Ink's own switch would be echoed
  // by the terminal, and its Enter would arrive as a line feed. Ink switches back when it ends.
  process.stdin.setRawMode(true);
  const instance = render(<Chat {...{ view, prompt, screen, input, actions, paint }} />, {
    exitOnCtrlC: false,
    incrementalRendering: true,
    interactive: true,
    kittyKeyboard: { mode: "auto" },
    maxFps: 30,
  });
  // The first frame is written: what follows no longer delays it.
  void runner.warmUp();
  void input.loadHistory();
  await instance.waitUntilExit();
  input.dispose();
}
