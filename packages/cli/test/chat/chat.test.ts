import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  callTool,
  fakeOpenAiServer,
  say,
  saySlowly,
  scriptedGguf,
  type TemporaryWorkspace,
  temporaryWorkspace,
  wait,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { answer, hostProcess, leave, openChat } from "../support/chat.ts";
import { buildProgram, type Home, scratchHome } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace({
    "package.json": '{ "name": "shop", "version": "2.4.1" }\n',
    "notes.txt": "one\ntwo\nthree\n",
  });
});
afterEach(async () => {
  await home[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const edit = [
  callTool("read_file", { path: "notes.txt" }),
  callTool("edit_file", { path: "notes.txt", old_text: "two", new_text: "zwei" }),
];

describe("the chat in a real terminal", () => {
  test("answers a question with the built-in model, which reads the file", async () => {
    using chat = await openChat(home, workspace.path);
    chat.type("What is the version in package.json?\r");
    await chat.waitFor(/● read_file +package\.json/);
    await chat.waitFor("from package.json");
    expect(await leave(chat)).toBe(0);
  });

  test("shows the diff of an edit and applies it after a yes", async () => {
    await using server = await fakeOpenAiServer([...edit, say("It is changed.")]);
    using chat = await openChat(home, workspace.path, ["-m", server.url]);
    chat.type("translate it\r");
    await chat.waitFor("Apply this change?");
    expect(chat.screen()).toMatch(/− two\n.*\+ zwei/);
    expect(await workspace.read("notes.txt")).toBe("one\ntwo\nthree\n");
    await answer(chat, "Apply this change?", "y");
    await chat.waitFor("It is changed.");
    expect(await workspace.read("notes.txt")).toBe("one\nzwei\nthree\n");
  });

  test("leaves the file as it is after a no, and tells the model why", async () => {
    await using server = await fakeOpenAiServer([...edit, say("Then not.")]);
    using chat = await openChat(home, workspace.path, ["-m", server.url]);
    chat.type("translate it\r");
    await answer(chat, "Apply this change?", "n");
    await chat.waitFor("why?");
    chat.type("keep it English\r");
    await chat.waitFor("Then not.");
    expect(chat.screen()).toContain("⊘ edit_file");
    expect(JSON.stringify(server.requests.at(-1)?.body)).toContain("keep it English");
    expect(await workspace.read("notes.txt")).toBe("one\ntwo\nthree\n");
  });

  test("stops a reply with Esc and goes on", async () => {
    await using server = await fakeOpenAiServer([[say("Half of it"), wait()], say("All of it.")]);
    using chat = await openChat(home, workspace.path, ["-m", server.url]);
    chat.type("tell me\r");
    await chat.waitFor("Half of it");
    chat.type("\u001b");
    await chat.waitFor("stopped");
    chat.type("again\r");
    await chat.waitFor("All of it.");
  });

  test("leaves with Ctrl-C twice and comes back with -c and the history", async () => {
    await using server = await fakeOpenAiServer([say("The first answer."), say("The second answer.")]);
    using first = await openChat(home, workspace.path, ["-m", server.url]);
    first.type("remember me\r");
    await first.waitFor("The first answer.");
    expect(await leave(first)).toBe(0);
    using second = await openChat(home, workspace.path, ["-m", server.url, "-c"]);
    await second.waitFor("remember me");
    await second.waitFor("The first answer.");
    second.type("and now?\r");
    await second.waitFor("The second answer.");
    expect(JSON.stringify(server.requests.at(-1)?.body)).toMatch(/remember me.*The first answer\..*and now\?/);
  });

  test("says that a server died in the middle of a reply, and asks it again", async () => {
    let asked = 0;
    await using server = await fakeOpenAiServer([say("unused")], {
      answer: (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const text = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
        if (asked++ === 0) response.write(text("Before the end"), () => setTimeout(() => response.destroy(), 300));
        else response.end(`${text("Back again.")}data: [DONE]\n\n`);
      },
    });
    using chat = await openChat(home, workspace.path, ["-m", server.url]);
    chat.type("tell me\r");
    await chat.waitFor("Before the end");
    await chat.waitFor("broke off in the middle of its answer");
    await chat.waitFor("Back again.");
    expect(chat.screen()).not.toMatch(/ECONNRESET|terminated\n|TypeError/);
  });
});

describe("a long reply", () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => `row ${index + 1}`);

  test("of 10,000 lines keeps every line while the terminal is resized", async () => {
    await using server = await fakeOpenAiServer([say(`${rows.join("\n\n")}\n\nEND OF REPLY`)]);
    using chat = await openChat(home, workspace.path, ["-m", server.url]);
    chat.type("list them\r");
    await chat.waitFor("row 50");
    for (const [columns, lines] of [
      [60, 20],
      [120, 50],
      [100, 40],
    ] as const) {
      chat.resize(columns, lines);
      await sleep(200);
    }
    await chat.waitFor("END OF REPLY", 120);
    const written = new Set(chat.output().match(/row \d+/g));
    expect(rows.filter((row) => !written.has(row))).toEqual([]);
    expect(chat.output()).not.toMatch(new RegExp(`${"\u001b"}\\[[23]J`));
    chat.type("\u0003");
    await chat.waitFor("ctrl-c again");
  });

  test("goes on after kill -9 of the model host", async () => {
    const model = join(workspace.path, "loop.gguf");
    await scriptedGguf(model, { replies: { first: ["tick ", "tock "] }, loop: true, contextLength: 65_536 });
    using chat = await openChat(home, workspace.path, ["-m", model]);
    chat.type("go\r");
    await chat.waitFor("tick tock");
    const killed = hostProcess(chat.pid);
    expect(killed).toBeDefined();
    process.kill(killed ?? 0, "SIGKILL");
    await chat.waitFor(/model host .*(stopped|ended|died|was killed|crashed)/i);
    await waitUntil("a new host", () => ![undefined, killed].includes(hostProcess(chat.pid)));
    const before = chat.output().length;
    await waitUntil("more of the reply", () => /tock/.test(chat.output().slice(before)));
    chat.type("\u001b");
    await chat.waitFor("stopped");
    expect(await leave(chat)).toBe(0);
  });
});

describe("a resize while a reply is written", () => {
  test("breaks nothing, however small", async () => {
    await using server = await fakeOpenAiServer([
      [saySlowly("all the words of this reply ".repeat(60), 10), say(" END")],
    ]);
    using chat = await openChat(home, workspace.path, ["-m", server.url]);
    chat.type("talk\r");
    await chat.waitFor("all the words");
    for (const [columns, lines] of [
      [40, 10],
      [20, 6],
      [160, 50],
      [100, 40],
    ] as const) {
      chat.resize(columns, lines);
      await sleep(150);
    }
    await chat.waitFor("END", 60);
    chat.type("still here");
    await chat.waitFor("› still here");
  });
});
