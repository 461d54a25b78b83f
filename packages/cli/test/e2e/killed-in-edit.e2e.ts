import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { callTool, fakeOpenAiServer, say, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, expect, test } from "vitest";

import { openChat } from "../support/chat.ts";
import { buildProgram, scratchHome } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";

beforeAll(buildProgram);

const rounds = 20;
/** From before the call arrives until after the file is replaced, on a slow machine too. */
const longestWait = 600;
const filler = `${"a line of the file that is being changed\n".repeat(100_000)}`;
const before = `first version\n${filler}`;
const after = `second version\n${filler}`;

test("kill -9 of the chat in the middle of an edit leaves the old or the new file, and the session", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace({ "large.txt": before });
  const found = { old: 0, new: 0, temporary: 0 };
  for (let round = 0; round < rounds; round++) {
    await workspace.write("large.txt", before);
    await using server = await fakeOpenAiServer([
      [callTool("edit_file", { path: "large.txt", old_text: "first version", new_text: "second version" })],
      say("Edited."),
    ]);
    using chat = await openChat(home, workspace.path, ["-m", server.url, "--mode", "auto"]);
    chat.type("edit it\r");
    const isAsked = (): boolean => server.requests.some(({ path }) => path.endsWith("/chat/completions"));
    await waitUntil(`round ${round}: the request`, isAsked);
    // More early kills than late ones: the file is replaced in the first part of the wait.
    await sleep(Math.random() ** 2 * longestWait);
    process.kill(chat.pid, "SIGKILL");
    await chat.exited;
    const text = readFileSync(join(workspace.path, "large.txt"), "utf8");
    expect([before, after].includes(text), `round ${round}: a half-written file of ${text.length} characters`).toBe(
      true,
    );
    found[text === before ? "old" : "new"]++;
    const strangers = readdirSync(workspace.path).filter((name) => name !== "large.txt");
    // What a killed process cannot remove says whose it is.
    expect(strangers.filter((name) => !/^\.trust-[0-9a-f-]+\.tmp$/.test(name))).toEqual([]);
    found.temporary += strangers.length;
  }
  process.stdout.write(`${rounds} kills: ${JSON.stringify(found)}\n`);
  expect(found.old).toBeGreaterThan(0);
  expect(found.new).toBeGreaterThan(0);
  await using healthy = await fakeOpenAiServer([say("Here again.")]);
  using chat = await openChat(home, workspace.path, ["-m", healthy.url, "-c"]);
  await chat.waitFor("edit it");
  chat.type("go on\r");
  await chat.waitFor("Here again.");
});
