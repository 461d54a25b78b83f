import { mkdirSync, writeFileSync } from "node:fs";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import {
  type FakeOpenAiServer,
  fakeOpenAiServer,
  say,
  type TemporaryWorkspace,
  temporaryWorkspace,
  wait,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, startTrust, trust } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";

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

const ask = (server: FakeOpenAiServer, ...args: string[]): Promise<Finished> =>
  trust([...args, "-m", server.url], { home, cwd: workspace.path });

async function sessions(): Promise<{ id: string; title: string; messages: number; cwd: string }[]> {
  const { stdout } = await trust(["session", "list", "--json"], { home, cwd: workspace.path });
  return parseUnknownJson(stdout, "stdout") as Awaited<ReturnType<typeof sessions>>;
}

const lastRequest = ({ requests }: FakeOpenAiServer): string =>
  JSON.stringify(requests.findLast(({ path }) => path.endsWith("/chat/completions"))?.body);

describe("sessions", () => {
  test("are none at first, which is said", async () => {
    const { status, stdout } = await trust(["session", "list"], { home, cwd: workspace.path });
    expect([status, stdout]).toEqual([0, "No sessions yet. Start one: trust\n"]);
  });

  test("go on with -c, with everything that was said", async () => {
    await using server = await fakeOpenAiServer([say("First answer."), say("Second answer.")]);
    await ask(server, "-p", "first question");
    const { status, stdout } = await ask(server, "-c", "-p", "second question");
    expect([status, stdout]).toEqual([0, "Second answer.\n"]);
    expect(lastRequest(server)).toMatch(/first question.*First answer\..*second question/);
    expect(await sessions()).toMatchObject([{ title: "first question", messages: 4, cwd: workspace.path }]);
  });

  test("go on with -r and the beginning of an id, whichever is the last", async () => {
    await using server = await fakeOpenAiServer([say("Answer.")]);
    const first = await ask(server, "-p", "older question", "--output-format", "json");
    await ask(server, "-p", "newer question");
    const { sessionId } = parseUnknownJson(first.stdout, "stdout") as { sessionId: string };
    await ask(server, "-r", sessionId, "-p", "again");
    expect(lastRequest(server)).toMatch(/older question.*again/);
    expect(lastRequest(server)).not.toContain("newer question");
  });

  test("belong to their folder", async () => {
    await using server = await fakeOpenAiServer([say("Answer.")]);
    await ask(server, "-p", "here");
    await using elsewhere = await temporaryWorkspace();
    const { status, stderr } = await ask(server, "-c", "-p", "there", "--cwd", elsewhere.path);
    expect(stderr).toContain(`There is no session in ${elsewhere.path} to continue`);
    expect(status).toBe(2);
  });

  test("are not resumed in another folder, and theirs is named", async () => {
    await using server = await fakeOpenAiServer([say("Answer.")]);
    await ask(server, "-p", "here");
    const [session] = await sessions();
    const id = session?.id ?? "";
    await using elsewhere = await temporaryWorkspace();
    const { status, stderr } = await ask(server, "-r", id, "-p", "there", "--cwd", elsewhere.path);
    expect(stderr).toBe(`Session ${id} belongs to ${workspace.path}.\n  trust -r ${id} --cwd ${workspace.path}\n`);
    expect(status).toBe(2);
    expect(await sessions()).toMatchObject([{ messages: 2 }]);
  });

  test("that failed at their first question go on without two questions in a row", async () => {
    await using broken = await fakeOpenAiServer([say("unused")], {
      answer: (response) => void response.writeHead(500).end("{}"),
    });
    await using server = await fakeOpenAiServer([say("Here.")]);
    await ask(broken, "-p", "first question");
    await ask(server, "-c", "-p", "second question");
    await ask(server, "-c", "-p", "third question");
    const body = server.requests.findLast(({ path }) => path.endsWith("/chat/completions"))?.body;
    const roles = (body as { messages: { role: string }[] }).messages.map(({ role }) => role);
    expect(roles).toEqual(["system", "user", "assistant", "user", "assistant", "user"]);
    expect(lastRequest(server)).toMatch(/first question.*second question.*Here\..*third question/);
    expect(await sessions()).toMatchObject([{ messages: 5 }]);
  });

  test("belong to one process at a time", async () => {
    await using server = await fakeOpenAiServer([[say("Working"), wait()], say("unused")]);
    const running = startTrust(["-p", "long work", "-m", server.url], { home, cwd: workspace.path });
    await waitUntil("the reply", () => running.stdout().includes("Working"));
    const second = await ask(server, "-c", "-p", "me too", "--json");
    expect(parseUnknownJson(second.stdout, "stdout")).toMatchObject({ error: { code: "SESSION_BUSY" } });
    expect(second.status).toBe(1);
    running.child.kill("SIGINT");
    expect((await running.finished).status).toBe(130);
  });

  test("keep what was said when the process is killed, and can go on", async () => {
    await using server = await fakeOpenAiServer([[say("Working"), wait()], say("Here again.")]);
    const running = startTrust(["-p", "long work", "-m", server.url], { home, cwd: workspace.path });
    await waitUntil("the reply", () => running.stdout().includes("Working"));
    running.child.kill("SIGKILL");
    await running.finished;
    const { status, stdout } = await ask(server, "-c", "-p", "go on");
    expect([status, stdout]).toEqual([0, "Here again.\n"]);
    expect(lastRequest(server)).toMatch(/long work.*go on/);
  });

  test("are left alone by a damaged database, which is named", async () => {
    mkdirSync(`${home.folder}/data`, { recursive: true });
    writeFileSync(`${home.folder}/data/sessions.db`, "this is no database ".repeat(500));
    const { status, stderr } = await trust(["session", "list"], { home, cwd: workspace.path });
    expect(stderr).toContain("sessions.db");
    expect(status).toBe(1);
  });
});
