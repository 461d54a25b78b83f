import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { methods } from "@agentclientprotocol/sdk";
import { parseUnknownJson } from "@trust-cli/core/protocol";
import {
  callTool,
  type FakeOpenAiServer,
  fakeOpenAiServer,
  say,
  saySlowly,
  type ScriptReply,
  type TemporaryWorkspace,
  temporaryWorkspace,
  think,
  wait,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Home, scratchHome, startTrust } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";
import { type Editor, type EditorOptions, openEditor, select } from "./editor.ts";

let home: Home;
let workspace: TemporaryWorkspace;
const open: AsyncDisposable[] = [];
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace({ "src/cart.ts": "export const a = 1;\n" });
});
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

async function editorWith(
  replies: readonly ScriptReply[],
  options: Partial<EditorOptions> = {},
): Promise<{ editor: Editor; server: FakeOpenAiServer }> {
  const server = await fakeOpenAiServer(replies);
  open.push(server);
  const editor = await openEditor({ home, cwd: workspace.path, args: ["-m", server.url], ...options });
  open.push(editor);
  return { editor, server };
}

const editCall = callTool("edit_file", { path: "src/cart.ts", old_text: "a = 1", new_text: "a = 2" });
const cart = (): string => readFileSync(join(workspace.path, "src/cart.ts"), "utf8");

describe("a turn in an editor", () => {
  test("streams thoughts, text and tool calls with their places, and ends", async () => {
    const { editor } = await editorWith([
      [think("hm"), callTool("read_file", { path: "src/cart.ts", from_line: 1 })],
      saySlowly("It is one."),
    ]);
    expect(await editor.ask(await editor.newSession(), "what is a?")).toBe("end_turn");
    expect(editor.said()).toBe("It is one.");
    expect(
      editor.updates.filter(({ sessionUpdate }) => sessionUpdate === "agent_message_chunk").length,
    ).toBeGreaterThan(1);
    const kinds = editor.updates.map(({ sessionUpdate }) => sessionUpdate);
    expect(kinds).toContain("agent_thought_chunk");
    expect(kinds).toContain("usage_update");
    expect(editor.updates.find(({ sessionUpdate }) => sessionUpdate === "tool_call")).toMatchObject({ kind: "read" });
    const updates = editor.updates.filter((update) => update.sessionUpdate === "tool_call_update");
    expect(updates[0]).toMatchObject({
      title: "read_file src/cart.ts",
      status: "in_progress",
      locations: [{ path: join(workspace.path, "src/cart.ts"), line: 1 }],
      rawInput: { path: "src/cart.ts", from_line: 1 },
    });
    expect(updates.at(-1)).toMatchObject({ status: "completed" });
    expect(JSON.stringify(updates.at(-1))).toContain("export const a = 1;");
  });

  test("asks for permission with the whole diff, and changes the file only after a yes", async () => {
    const before = cart();
    const { editor } = await editorWith([editCall, say("Done.")], {
      answer: () => {
        expect(cart()).toBe(before);
        return select("yes");
      },
    });
    expect(await editor.ask(await editor.newSession(), "make it two")).toBe("end_turn");
    expect(editor.permissions[0]?.toolCall).toMatchObject({
      title: "edit_file src/cart.ts",
      kind: "edit",
      content: [
        {
          type: "diff",
          path: join(workspace.path, "src/cart.ts"),
          oldText: "export const a = 1;\n",
          newText: "export const a = 2;\n",
        },
      ],
    });
    expect(editor.permissions[0]?.options.map(({ kind }) => kind)).toEqual([
      "allow_once",
      "allow_always",
      "reject_once",
    ]);
    expect(cart()).toBe("export const a = 2;\n");
  });

  test("shows the whole command before it runs, and leaves it when it is rejected", async () => {
    const command = `touch made && echo ${"x".repeat(300)}`;
    const { editor } = await editorWith([callTool("run_command", { command }), say("Well.")]);
    await editor.ask(await editor.newSession(), "run it");
    expect(editor.permissions[0]?.toolCall.title).toBe(`run_command ${command}`);
    expect(JSON.stringify(editor.permissions[0]?.toolCall.content)).toContain(command);
    await expect(workspace.read("made")).rejects.toThrow("ENOENT");
    expect(
      editor.updates.some((update) => update.sessionUpdate === "tool_call_update" && update.status === "failed"),
    ).toBe(true);
  });

  test("does not change a file that holds unsaved text in the editor, and does not ask to", async () => {
    const { editor, server } = await editorWith([editCall, say("I see.")], {
      readFile: () => "export const a = 1;\n// not saved yet\n",
      answer: () => select("yes"),
    });
    await editor.ask(await editor.newSession(), "make it two");
    expect(editor.permissions).toEqual([]);
    expect(cart()).toBe("export const a = 1;\n");
    expect(JSON.stringify(server.requests.at(-1)?.body)).toContain("unsaved changes in the editor");
  });

  test("is cancelled at once, also while the model is silent or the person has not answered", async () => {
    const { editor } = await editorWith([[say("Well "), wait()], editCall], {
      answer: () => new Promise(() => undefined),
    });
    const sessionId = await editor.newSession();
    const silent = editor.ask(sessionId, "one");
    await waitUntil("the first words", () => editor.said() !== "");
    await editor.agent.notify(methods.agent.session.cancel, { sessionId });
    expect(await silent).toBe("cancelled");
    const asking = editor.ask(sessionId, "two");
    await waitUntil("a question", () => editor.permissions.length > 0);
    await editor.agent.notify(methods.agent.session.cancel, { sessionId });
    expect(await asking).toBe("cancelled");
    expect(cart()).toBe("export const a = 1;\n");
  });

  test.each([{}, "junk", { outcome: 7 }, { outcome: { outcome: "selected" } }])(
    "takes %j as no where a permission was asked for, and goes on",
    async (nonsense) => {
      const { editor } = await editorWith([editCall, say("Well.")], { answer: () => nonsense as never });
      const sessionId = await editor.newSession();
      expect(await editor.ask(sessionId, "make it two")).toBe("end_turn");
      expect(cart()).toBe("export const a = 1;\n");
    },
  );

  test("that fails is an error with the next step, and the session goes on", async () => {
    const { editor } = await editorWith([say("Here I am.")], { args: ["-m", "http://127.0.0.1:9/v1"] });
    const sessionId = await editor.newSession();
    await expect(editor.ask(sessionId, "hello")).rejects.toThrow(/127\.0\.0\.1:9/);
    await expect(editor.ask(sessionId, "hello")).rejects.toThrow(/127\.0\.0\.1:9/);
  });

  test("refuses a second prompt while one runs, an empty one, and a session that is not open", async () => {
    const { editor } = await editorWith([[say("a"), wait()]]);
    const sessionId = await editor.newSession();
    const first = editor.ask(sessionId, "one");
    await waitUntil("the first words", () => editor.said() !== "");
    await expect(editor.ask(sessionId, "two")).rejects.toThrow("a turn is running");
    await expect(editor.ask("nope", "two")).rejects.toThrow("session nope is not open");
    await editor.agent.notify(methods.agent.session.cancel, { sessionId });
    await first;
    await expect(editor.ask(sessionId, " ")).rejects.toThrow("the prompt is empty");
  });
});

describe("a choice in an editor", () => {
  const commandCall = callTool("run_command", { command: "touch made" });
  const made = (): boolean => existsSync(join(workspace.path, "made"));
  const setter = (editor: Editor, sessionId: string) => (configId: string, value: string) =>
    editor.agent.request(methods.agent.session.setConfigOption, { sessionId, configId, value });

  test("of a mode can be made by clients that know no options", async () => {
    const { editor } = await editorWith([say("a")]);
    const { sessionId, modes } = await editor.agent.request(methods.agent.session.new, {
      cwd: workspace.path,
      mcpServers: [],
    });
    expect(modes).toMatchObject({ currentModeId: "ask" });
    expect(modes?.availableModes.map(({ id }) => id)).toEqual(["plan", "ask", "edit", "auto"]);
    await editor.agent.request(methods.agent.session.setMode, { sessionId, modeId: "plan" });
    expect(await editor.agent.request("_trust/status", { sessionId })).toMatchObject({ mode: "plan" });
  });

  test("leaves what the command line said in force", async () => {
    const server = await fakeOpenAiServer([commandCall, say("Well.")]);
    open.push(server);
    const args = ["-m", server.url, "--deny", "run_command(touch *)"];
    const editor = await openEditor({ home, cwd: workspace.path, args, answer: () => select("yes") });
    open.push(editor);
    const sessionId = await editor.newSession();
    const set = setter(editor, sessionId);
    await set("mode", "plan");
    await set("mode", "auto");
    await set("profile", "none");
    await editor.ask(sessionId, "run it");
    expect(made()).toBe(false);
  });

  test("that takes long is not undone by, and does not undo, the next; a prompt waits for both", async () => {
    const { editor } = await editorWith([commandCall, say("Well.")], { answer: () => select("yes") });
    const slow = await fakeOpenAiServer([commandCall, say("Well.")], { delayMilliseconds: 400 });
    open.push(slow);
    const sessionId = await editor.newSession();
    const set = setter(editor, sessionId);
    const changes = [set("mode", "auto"), set("model", slow.url), set("mode", "plan")];
    await changes[0];
    expect(await editor.ask(sessionId, "run it")).toBe("end_turn");
    await Promise.all(changes);
    expect(made()).toBe(false);
    expect(slow.requests.some(({ path }) => path.endsWith("/completions"))).toBe(true);
    await expect(set("model", "/no/such.gguf")).rejects.toThrow("no/such.gguf");
    expect((await set("mode", "ask")).configOptions[0]).toMatchObject({ currentValue: slow.url });
  });
});

describe("a session in an editor", () => {
  test("is listed, and replayed by the next process with its calls and results", async () => {
    const replies = [callTool("read_file", { path: "src/cart.ts" }), say("It is one.")];
    const { editor } = await editorWith(replies);
    const sessionId = await editor.newSession();
    await editor.ask(sessionId, "what is a?");
    expect((await editor.quit()).status).toBe(0);
    const { editor: second } = await editorWith([say("Still one.")]);
    const { sessions } = await second.agent.request(methods.agent.session.list, { cwd: workspace.path });
    expect(sessions).toMatchObject([{ sessionId, title: "what is a?", cwd: workspace.path }]);
    await second.agent.request(methods.agent.session.load, { sessionId, cwd: workspace.path, mcpServers: [] });
    expect(second.updates.map(({ sessionUpdate }) => sessionUpdate)).toEqual([
      "user_message_chunk",
      "tool_call",
      "agent_message_chunk",
    ]);
    expect(JSON.stringify(second.updates[1])).toContain("export const a = 1;");
    expect(await second.ask(sessionId, "sure?")).toBe("end_turn");
  });

  test("that another process has open is refused with the reason", async () => {
    const { editor } = await editorWith([say("a")]);
    const sessionId = await editor.newSession();
    await editor.ask(sessionId, "one");
    const { editor: second } = await editorWith([say("a")]);
    const load = second.agent.request(methods.agent.session.load, { sessionId, cwd: workspace.path, mcpServers: [] });
    await expect(load).rejects.toThrow("open in another process");
  });

  test("stays open when it is loaded again, in the right folder or in a wrong one", async () => {
    const { editor } = await editorWith([say("a")]);
    const sessionId = await editor.newSession();
    const load = (cwd: string) => editor.agent.request(methods.agent.session.load, { sessionId, cwd, mcpServers: [] });
    await expect(load("/")).rejects.toThrow("belongs to");
    expect(await editor.ask(sessionId, "one")).toBe("end_turn");
    await Promise.all([load(workspace.path), load(workspace.path)]);
    expect(await editor.ask(sessionId, "two")).toBe("end_turn");
  });

  test("offers model, mode and profiles; a choice counts from the next turn on", async () => {
    await workspace.write(".trust/profiles/careful.yaml", "mode: plan\n");
    const { editor } = await editorWith([editCall, say("Done."), editCall, say("No.")], {
      answer: () => select("yes"),
    });
    const { sessionId, configOptions } = await editor.agent.request(methods.agent.session.new, {
      cwd: workspace.path,
      mcpServers: [],
    });
    expect(configOptions?.map(({ id, currentValue }) => [id, currentValue])).toMatchObject([
      ["model", expect.stringContaining("127.0.0.1")],
      ["mode", "ask"],
      ["profile", "none"],
    ]);
    const set = (configId: string, value: string) =>
      editor.agent.request(methods.agent.session.setConfigOption, { sessionId, configId, value });
    expect((await set("mode", "edit")).configOptions[1]).toMatchObject({ currentValue: "edit" });
    await editor.ask(sessionId, "make it two");
    expect(editor.permissions).toEqual([]);
    expect(cart()).toBe("export const a = 2;\n");
    await expect(set("mode", "reckless")).rejects.toThrow("mode");
    await expect(set("colour", "red")).rejects.toThrow("there is no option colour");
    expect((await set("profile", "careful")).configOptions.map(({ currentValue }) => currentValue)).toMatchObject([
      expect.anything(),
      "plan",
      "careful",
    ]);
  });

  test("says what the settings had to say, and is named by its first question", async () => {
    await workspace.write(".trust/config.yaml", "mode: auto\n");
    const { editor } = await editorWith([say("Yes."), say("Again.")]);
    const sessionId = await editor.newSession();
    await editor.ask(sessionId, "Is it free?\nTell me.");
    await editor.ask(sessionId, "sure?");
    const titles = editor.updates.flatMap((one) => (one.sessionUpdate === "session_info_update" ? [one.title] : []));
    expect(titles).toEqual(["Is it free?"]);
    await waitUntil("a notice", () => editor.updates.some(({ sessionUpdate }) => sessionUpdate === "notice"));
    expect(JSON.stringify(editor.updates)).toContain("sets mode, which a project may not: ignored");
  });

  test("names files that the person attached by their place in the workspace", async () => {
    const { editor, server } = await editorWith([say("Yes.")]);
    const sessionId = await editor.newSession();
    const uri = `file://${join(workspace.path, "src/cart.ts")}`;
    const prompt = [
      { type: "text" as const, text: "look" },
      { type: "resource_link" as const, uri, name: "cart.ts" },
    ];
    await editor.agent.request(methods.agent.session.prompt, { sessionId, prompt });
    expect(JSON.stringify(server.requests.at(-1)?.body)).toContain("(The person attached src/cart.ts)");
  });
});

describe("the agent process", () => {
  test("writes nothing but the protocol to stdout, line for line", async () => {
    const server = await fakeOpenAiServer([callTool("read_file", { path: "src/cart.ts" }), say("One.")]);
    open.push(server);
    const running = startTrust(["acp", "-m", server.url], { home, cwd: workspace.path, keepsInputOpen: true });
    const send = (value: unknown): boolean => running.child.stdin.write(`${JSON.stringify(value)}\n`);
    send({ jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: 1 } });
    send({ jsonrpc: "2.0", id: 2, method: "session/new", params: { cwd: workspace.path, mcpServers: [] } });
    await waitUntil("two answers", () => running.stdout().split("\n").length > 2);
    running.child.stdin.end();
    const { stdout, status } = await running.finished;
    expect(status).toBe(0);
    for (const line of stdout.trim().split("\n")) {
      expect(parseUnknownJson(line, "a line")).toMatchObject({ jsonrpc: "2.0" });
    }
  });

  test("survives garbage, unknown methods and wrong parameters", async () => {
    const { editor } = await editorWith([say("Fine.")]);
    editor.running.child.stdin.write('this is not JSON\n{"jsonrpc":"2.0"}\n[1,2\n\u0000\u0001\n');
    await expect(editor.agent.request("nope/nope", {})).rejects.toThrow("nope/nope");
    await expect(editor.agent.request("session/new", { cwd: 7 })).rejects.toThrow("Invalid params");
    await expect(editor.agent.request("session/new", { cwd: "relative", mcpServers: [] })).rejects.toThrow("absolute");
    await expect(editor.agent.request("session/new", { cwd: "/nowhere/at/all", mcpServers: [] })).rejects.toThrow(
      "folder",
    );
    expect(await editor.ask(await editor.newSession(), "still there?")).toBe("end_turn");
  });

  test("ends by itself when the editor vanishes in the middle of a turn, and keeps what was said", async () => {
    const { editor } = await editorWith([[say("Half an "), wait()]]);
    const sessionId = await editor.newSession();
    editor.ask(sessionId, "one").catch(() => undefined);
    await waitUntil("the first words", () => editor.said() !== "");
    const { status, stderr } = await editor.quit();
    expect([status, stderr]).toEqual([0, ""]);
    const { editor: second } = await editorWith([say("a")]);
    const { sessions } = await second.agent.request(methods.agent.session.list, { cwd: workspace.path });
    expect(sessions.map((session) => session.sessionId)).toEqual([sessionId]);
  });

  test("says which model answers, and writes a commit message for what is staged", async () => {
    const git = (...args: string[]): string => execFileSync("git", args, { cwd: workspace.path, encoding: "utf8" });
    git("init", "-q");
    writeFileSync(join(workspace.path, "new.ts"), "export const shipping = 5;\n");
    git("add", "new.ts");
    const { editor } = await editorWith([say("feat: charge for shipping")]);
    const sessionId = await editor.newSession();
    expect(await editor.agent.request("_trust/status", { sessionId })).toMatchObject({ mode: "ask", model: {} });
    expect(await editor.agent.request("_trust/commitMessage", { cwd: workspace.path })).toEqual({
      message: "feat: charge for shipping",
    });
    git("rm", "-q", "--cached", "new.ts");
    const nothing = editor.agent.request("_trust/commitMessage", { cwd: workspace.path });
    await expect(nothing).rejects.toThrow("nothing is staged");
  });
});
