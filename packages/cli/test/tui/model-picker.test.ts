import { rmSync } from "node:fs";
import { dirname } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bundleScriptedChat, Terminal, type TerminalOptions } from "./terminal.ts";

let chat: string;
beforeAll(() => {
  chat = bundleScriptedChat();
});
afterAll(() => rmSync(dirname(chat), { recursive: true, force: true }));

async function openPicker(options?: TerminalOptions): Promise<Terminal> {
  const terminal = new Terminal(chat, options);
  await terminal.until("0% of 4k");
  await terminal.type("/model");
  terminal.write("\r");
  await terminal.until("looking for models");
  await terminal.until("esc goes back");
  return terminal;
}

describe("the model picker on the screen", { timeout: 60_000 }, () => {
  test("finds a model by what is typed, and Enter changes to it", async () => {
    await using terminal = await openPicker();
    await terminal.until("1 of 2,002");
    expect(terminal.screen()).toMatch(
      /built in {2}› nano .* in use\n {2}on disk {5}small one .*\n {2}ollama {6}ollama\/m0/,
    );
    await terminal.type("m1234");
    await terminal.until("1 of 1");
    terminal.write("\r");
    await terminal.until("Now using ollama/m1234 (5 MB).");
    expect(terminal.screen()).toContain("› /model ollama/m1234");
    await terminal.until("ask about");
  });

  test("is moved through with the arrows, and the selected one stays in sight", async () => {
    await using terminal = await openPicker({ rows: 12 });
    await terminal.until("1 of 2,002");
    terminal.write("\u001b[A");
    await terminal.until("› ollama/m1999");
    terminal.write("\u001b[B\u001b[B");
    await terminal.until("› small one");
    terminal.write("\r");
    await terminal.until("Now using small (5 MB).");
    await terminal.until("small cannot call tools");
  });

  test("leaves everything as it is with Esc, also before the models are found", async () => {
    await using terminal = await openPicker();
    terminal.write("\u001b");
    await terminal.until("ask about");
    await terminal.type("/model");
    terminal.write("\r");
    await terminal.until("looking for models");
    terminal.write("\u001b");
    await terminal.until("ask about");
    await terminal.type("say hello\r");
    await terminal.until('You said "hello".');
    expect(terminal.screen()).not.toContain("Now using");
  });

  test("is a list of lines where the cursor cannot be moved", async () => {
    const terminal = new Terminal(chat, { environment: { TERM: "dumb" } });
    await using _ = terminal;
    await terminal.until("›");
    terminal.write("/model\r");
    await terminal.until("ollama/m1999 (ollama, 6 MB, 4k, running)");
    expect(terminal.history()).toContain("› nano (built in, 6 MB, 4k)");
    expect(terminal.history()).toContain("nano is in memory");
  });
});
