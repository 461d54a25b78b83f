import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bundleScriptedChat, Terminal, type TerminalOptions } from "./terminal.ts";

const escape = "\u001b";

let chat: string;
beforeAll(() => {
  chat = bundleScriptedChat();
});
afterAll(() => rmSync(dirname(chat), { recursive: true, force: true }));

/** The chat in a terminal, at its prompt. */
async function open(options?: TerminalOptions): Promise<Terminal> {
  const terminal = new Terminal(chat, options);
  await terminal.until("ask about");
  return terminal;
}

/** Longer than the guard that keeps typed-ahead keys from answering. */
const afterGuard = (): Promise<void> => sleep(400);

/** Neither the screen nor the scrollback was cleared, and nothing was drawn from the top. */
function expectNoFullClear({ raw }: Terminal): void {
  for (const clear of ["\u001b[2J", "\u001b[3J", "\u001bc", "\u001b[H", "\u001b[1;1H"])
    expect(raw).not.toContain(clear);
}

describe("the chat screen", { timeout: 60_000 }, () => {
  test("shows the prompt before the model is loaded, then how it loads", async () => {
    await using terminal = await open();
    expect(terminal.screen()).toContain("trust 0.1.0 · ~/code/shop · main");
    await terminal.until(/loading model \d+%/);
    await terminal.until("0% of 4k");
  });

  test("writes nothing while nothing happens", async () => {
    await using terminal = await open();
    await terminal.until("0% of 4k");
    await sleep(300);
    const before = terminal.raw.length;
    await sleep(1500);
    expect(terminal.raw.length).toBe(before);
  });

  test("streams an answer with tool cards, code and evidence", async () => {
    await using terminal = await open();
    await terminal.type("where is shipping?\r");
    await terminal.until("1,840 of 2,310 tokens · 79% reused");
    await terminal.until("tokens/s");
    expect(terminal.screen()).toMatch(/● search_text {2}"shipping" +12 matches · 40 ms\n {2}● read_file/);
    expect(terminal.screen()).toContain("    ts\n    return 0;\n\n  And that is all.");
    expect(terminal.screen()).toContain("  from src/cart/shipping.ts\n  27  if (total > 5000) return 0;");
    expect(terminal.screen()).toContain("57% of 4k · ask mode · 31 tokens/s");
  });

  test("sends little to the terminal and never clears it, for 400 chunks in 8 seconds", async () => {
    await using terminal = await open();
    const before = Buffer.byteLength(terminal.raw);
    await terminal.type("stream\r");
    await terminal.until("END OF STREAM", 40_000);
    await terminal.until("tokens/s");
    const bytes = Buffer.byteLength(terminal.raw) - before;
    process.stdout.write(`400 chunks: ${bytes} bytes to the terminal\n`);
    expect(bytes).toBeLessThan(150_000);
    expectNoFullClear(terminal);
  });

  test("survives being resized while it streams, down to 20 columns and 6 rows", async () => {
    await using terminal = await open();
    await terminal.type("slow\r");
    await terminal.until("answering");
    for (const [columns, rows] of [
      [60, 20],
      [120, 40],
      [20, 10],
      [40, 6],
      [80, 24],
    ] as const) {
      terminal.resize(columns, rows);
      await sleep(300);
      expect(terminal.screen()).toContain("answering");
    }
    terminal.write("\u001b");
    await terminal.until("stopped");
    expect(terminal.raw).not.toMatch(new RegExp(`${escape}\\[[23]J|${escape}c`));
    await terminal.type("say still here\r");
    await terminal.until("still here");
  });

  test("keeps every line of a reply of 10,000 lines in the scrollback", async () => {
    await using terminal = await open();
    await terminal.type("long\r");
    await terminal.until("END OF REPLY", 40_000);
    const rows = terminal.history().match(/row \d+$/gm) ?? [];
    expect(rows).toEqual(Array.from({ length: 10_000 }, (_, index) => `row ${index + 1}`));
    expectNoFullClear(terminal);
  });

  test("shows the end of 10,000 lines that a command printed", async () => {
    await using terminal = await open();
    await terminal.type("print\r");
    await terminal.until("Printed it.");
    expect(terminal.screen()).toContain("… 9,992 more lines");
    expect(terminal.history()).not.toContain("output 9992");
    expect(terminal.screen()).toContain("output 10000");
  });

  test("shows what a model writes as text, whatever it writes", async () => {
    await using terminal = await open();
    await terminal.type("hostile\r");
    await terminal.until("before and after end");
    expectNoFullClear(terminal);
    expect(terminal.raw).not.toContain("\u001b]52");
  });

  test("shows an error with why and what to do, and goes on", async () => {
    await using terminal = await open();
    await terminal.type("fail\r");
    await terminal.until("✗ the model host stopped (out of memory while loading)\n    Try: /model nano");
    await terminal.type("say hello\r");
    await terminal.until('You said "hello".');
  });
});

describe("approvals on the screen", { timeout: 60_000 }, () => {
  test("apply a change that was shown whole", async () => {
    await using terminal = await open();
    await terminal.type("edit\r");
    await terminal.until("Apply this change?");
    expect(terminal.screen()).toMatch(/3 − line 3\n +3 \+ line three/);
    await afterGuard();
    terminal.write("y");
    await terminal.until("Done with yes.");
    expect(terminal.screen()).toContain("● edit_file");
  });

  test("refuse with a reason", async () => {
    await using terminal = await open();
    await terminal.type("command\r");
    await terminal.until("Run this command?");
    expect(terminal.screen()).toContain("$ npm test -- --run shipping\n    in /home/ana/shop");
    await afterGuard();
    terminal.write("n");
    await terminal.until("why?");
    await terminal.type("use vitest\r");
    await terminal.until("Refused because: use vitest.");
    expect(terminal.screen()).toContain("⊘ run_command");
  });

  test("do nothing with keys typed before the question was on the screen", async () => {
    await using terminal = await open();
    terminal.write("command\r");
    await sleep(20);
    terminal.write("y");
    await terminal.until("Run this command?");
    terminal.write("y\r");
    await afterGuard();
    expect(terminal.screen()).toContain("Run this command?");
    terminal.write("\r");
    await terminal.until("why?");
  });

  test("say which rule asked", async () => {
    await using terminal = await open();
    await terminal.type("edit\r");
    await terminal.until("Apply this change?");
    await afterGuard();
    terminal.write("?");
    await terminal.until("asked because: mode ask: changes ask first");
  });

  test("put a change taller than the screen whole into the scrollback", async () => {
    await using terminal = await open();
    await terminal.type("edit much\r");
    await terminal.until("Apply this change?");
    await terminal.until("the whole of it is above");
    for (let line = 1; line <= 80; line += 1) {
      expect(terminal.history()).toContain(`− line ${line}\n`);
      expect(terminal.history()).toContain(`+ changed ${line}\n`);
    }
    expectNoFullClear(terminal);
    await afterGuard();
    terminal.write("s");
    await terminal.until("Done with yes-session.");
  });

  test("end with the turn on Esc", async () => {
    await using terminal = await open();
    await terminal.type("command\r");
    await terminal.until("Run this command?");
    terminal.write("\u001b");
    await terminal.until("stopped");
    expect(terminal.screen()).toContain("ask about this code");
  });
});

describe("the keyboard", { timeout: 60_000 }, () => {
  test("stops a turn with Esc and gives queued text back", async () => {
    await using terminal = await open();
    await terminal.type("slow\r");
    await terminal.until("answering");
    await terminal.type("say later\r");
    await terminal.until("queued: say later");
    terminal.write("\u001b");
    await terminal.until("stopped");
    expect(terminal.screen()).toContain("› say later");
  });

  test("sends a queued message when the turn has ended", async () => {
    await using terminal = await open();
    await terminal.type("where?\r");
    await terminal.type("say next\r");
    await terminal.until('You said "next".');
  });

  test("leaves with Ctrl-C twice, also during a turn", async () => {
    await using terminal = await open();
    await terminal.type("slow\r");
    await terminal.until("answering");
    terminal.write("\u0003");
    await terminal.until("press ctrl-c again to leave");
    terminal.write("\u0003");
    await terminal.until("LEFT");
    expect(terminal.screen()).not.toContain("ask about");
  });

  test("clears the line with Ctrl-C, and leaves with Ctrl-D on an empty one", async () => {
    await using terminal = await open();
    await terminal.type("half a thought");
    await terminal.until("half a thought");
    terminal.write("\u0003");
    await terminal.until("ask about");
    terminal.write("\u0004");
    await terminal.until("LEFT");
  });

  test("inserts pasted lines without sending them", async () => {
    await using terminal = await open();
    terminal.write("\u001b[200~say one\rtwo\u001b[201~");
    await terminal.until("› say one\n  two");
    expect(terminal.screen()).not.toContain("You said");
    terminal.write("\r");
    await terminal.until(String.raw`You said "one\ntwo".`);
  });

  test("takes keys one by one that arrive together", async () => {
    await using terminal = await open();
    terminal.write("say typo\u0015say one\rsay two\r");
    await terminal.until('You said "one".');
    await terminal.until('You said "two".');
  });

  test("never sends what a terminal without paste marks pastes", async () => {
    await using terminal = await open();
    terminal.write("say one\rtwo\rthree\r");
    await terminal.until("› say one\n  two\n  three");
    expect(terminal.screen()).not.toContain("You said");
  });

  test("begins a new line with a backslash, Ctrl-J and Alt-Enter", async () => {
    await using terminal = await open();
    await terminal.type("say a\\");
    await terminal.until("say a\\");
    terminal.write("\r");
    await terminal.until(() => !terminal.screen().includes("\\"));
    await terminal.type("b\nc");
    terminal.write("\u001b\r");
    await terminal.type("d");
    await terminal.until("c\n  d");
    terminal.write("\r");
    await terminal.until(String.raw`"a\nb\nc\nd"`);
  });

  test("completes files after @ and commands after /", async () => {
    await using terminal = await open();
    await terminal.type("say @tot");
    await terminal.until("› @src/cart/total.ts");
    terminal.write("\t");
    await terminal.until("› say @src/cart/total.ts");
    terminal.write("\u0015/mo");
    await terminal.until("/model  choose a model");
    terminal.write("\t");
    await terminal.type("tiny\r");
    await terminal.until("Now using tiny");
  });

  test("brings back what was typed before", async () => {
    await using terminal = await open();
    await terminal.until("0% of 4k");
    terminal.write("\u001b[A\u001b[A");
    await terminal.until("› say first");
    terminal.write("\r");
    await terminal.until('You said "first".');
  });

  test("runs slash commands, and says which do not exist", async () => {
    await using terminal = await open();
    await terminal.type("/compact\r");
    await terminal.until("3,900 to 1,200 tokens");
    await terminal.type("/nothing\r");
    await terminal.until("there is no command /nothing");
    await terminal.type("/exit\r");
    await terminal.until("LEFT");
  });
});

describe("/model", { timeout: 60_000 }, () => {
  /** The last line of the screen that is not empty. */
  const statusOf = (terminal: Terminal): string => terminal.screen().trimEnd().split("\n").at(-1)?.trim() ?? "";

  test("shows how the new model loads, and then its name", async () => {
    await using terminal = await open();
    await terminal.until("0% of 4k");
    await terminal.type("/model tiny\r");
    await terminal.until("loading model 50%");
    await terminal.until("Now using tiny (5 MB).");
    await terminal.until(() => statusOf(terminal).startsWith("tiny · 0% of 8k"));
  });

  test("says when the new model is not on this machine", async () => {
    await using terminal = await open();
    await terminal.until("0% of 4k");
    await terminal.type("/model remote\r");
    await terminal.until("Now using big.\n\n  a server at ai.example: text leaves this machine");
    await terminal.until(() => statusOf(terminal).startsWith("big · 0% of 128k"));
  });

  test.each([
    ["broken", "broken does not answer; nano stays in use", ""],
    ["slow", "stopped", "\u001b"],
  ])("keeps the model when the new one does not come: %s", async (reference, shown, key) => {
    await using terminal = await open();
    await terminal.until("0% of 4k");
    await terminal.type(`/model ${reference}\r`);
    await terminal.until("loading model 50%");
    terminal.write(key);
    await terminal.until(shown);
    await terminal.until(() => statusOf(terminal).startsWith("nano · 0% of 4k"));
    expect(terminal.screen()).not.toContain("Now using");
  });
});

describe("other terminals", { timeout: 60_000 }, () => {
  test("without colour get none", async () => {
    await using terminal = await open({ environment: { NO_COLOR: "1" } });
    await terminal.type("where is shipping?\r");
    await terminal.until("tokens/s");
    expect(terminal.raw).not.toMatch(new RegExp(`${escape}\\[(?:\\d+;)*[34]\\d(?:;\\d+)*m`));
  });

  test("that cannot move the cursor get plain lines, approvals included", async () => {
    await using terminal = new Terminal(chat, { environment: { TERM: "dumb" } });
    await terminal.until("›");
    terminal.write("command\r");
    await terminal.until("yes (y)");
    expect(terminal.screen()).toContain("$ npm test -- --run shipping");
    expect(terminal.screen()).toContain("yes, and this very command for this session (s)");
    terminal.write("maybe\r");
    await sleep(100);
    terminal.write("n not now\r");
    await terminal.until("Refused because: not now.");
    terminal.write("/exit\r");
    await terminal.until("LEFT");
    expect(terminal.raw).not.toContain("\u001b");
  });

  test("of 20 columns show the prompt, an answer and a question", async () => {
    await using terminal = new Terminal(chat, { columns: 20, rows: 16 });
    await terminal.until("ask about");
    await terminal.type("edit\r");
    await terminal.until("Apply this change?");
    await afterGuard();
    terminal.write("y");
    await terminal.until("Done with yes.");
    expectNoFullClear(terminal);
  });
});
