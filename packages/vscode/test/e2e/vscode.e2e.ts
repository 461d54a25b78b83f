import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { findVscodeRig, type VscodeRig } from "../../../../scripts/interop/vscode.ts";
import { buildExtension, packExtension } from "../../build.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

const rig = findVscodeRig();
if (typeof rig === "string") process.stderr.write(`\nSKIPPED: the extension is not tested in VS Code. ${rig}\n\n`);

const files = {
  "src/math.js": "export function add(a, b) {\n  return a - b;\n}\n",
  "src/other.js": "export const other = 1;\n",
};

let vsix = "";
let packed = "";

beforeAll(async () => {
  if (typeof rig === "string") return;
  packed = mkdtempSync(join(tmpdir(), "trust-vsix-"));
  vsix = join(packed, "trust.vsix");
  await buildExtension();
  await packExtension(vsix);
});

afterAll(() => rmSync(packed, { recursive: true, force: true }));

describe.skipIf(typeof rig === "string")("in VS Code", () => {
  let bench: Workbench;

  beforeAll(async () => {
    bench = await openWorkbench(rig as VscodeRig, vsix, { files });
  }, 120_000);

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await bench.screenshot(`failed ${task.name}`);
  });

  afterAll(async () => bench?.[Symbol.asyncDispose]());

  test("starts no program before the chat is opened, and says what is missing when it is", async () => {
    expect(bench.startedAgents()).toEqual([]);
    await bench.runCommand("Trust: Open Chat");
    await bench.chat.getByText("Trust is not found").waitFor();
    await bench.chat.getByText("npm link --workspace packages/cli").waitFor();
    await bench.page.locator(".notifications-toasts", { hasText: "Set path" }).waitFor();
    await bench.screenshot("1-missing");
  });

  test("starts as soon as the path is set", async () => {
    await bench.chat.getByRole("button", { name: "Set path" }).click();
    await bench.page.locator(".quick-input-widget input").first().fill(bench.scriptedCli());
    await bench.page.keyboard.press("Enter");
    await bench.chat.getByText("nothing leaves this machine").waitFor();
    await bench.page.locator(".statusbar-item", { hasText: "Trust: scripted" }).waitFor();
    expect(bench.startedAgents()).toHaveLength(1);
    await bench.runCommand("Notifications: Clear All Notifications");
    await bench.screenshot("2-empty");
  });

  test("streams an answer as markdown", async () => {
    await bench.openFile("math.js");
    await bench.runCommand("Trust: Open Chat");
    await bench.chat.getByRole("button", { name: "+ math.js" }).click();
    await bench.ask("think about it");
    await bench.chat.locator("strong", { hasText: "think about it with file://" }).waitFor();
    await bench.chat.getByText("20% of 4k").waitFor();
    expect(await bench.chat.locator(".code code").innerText()).toBe("add(1, 2);");
    await bench.screenshot("3-answer");
  });

  test("text of a model never becomes markup", async () => {
    await bench.ask("<img src=x onerror=alert(1)> [link](javascript:alert(1)) <b>bold</b>");
    await bench.chat.getByText("<img src=x onerror=alert(1)>").nth(1).waitFor();
    await bench.chat.getByRole("button", { name: "Send" }).waitFor();
    expect(await bench.chat.locator(".log img, .log b, .log a, .log script").count()).toBe(0);
  });

  test("stops at once", async () => {
    await bench.ask("slow");
    await bench.chat.getByText("tick5").waitFor();
    await bench.chat.getByRole("button", { name: "Stop" }).click();
    await bench.chat.getByText("Stopped.").waitFor();
    await bench.chat.getByRole("button", { name: "Send" }).waitFor();
  });

  test("shows a change in the diff editor, and a rejected one leaves the bytes as they were", async () => {
    await bench.ask("edit src/math.js a - b => a + b");
    await bench.page.locator(".tab", { hasText: "math.js (proposed)" }).waitFor();
    await bench.page.locator(".monaco-diff-editor .view-lines", { hasText: "a + b" }).waitFor();
    await bench.chat.getByRole("alertdialog").waitFor();
    await bench.screenshot("4-question");
    await decide(bench, "Reject");
    await bench.chat.getByText("Not changed: no.").waitFor();
    await bench.page.locator(".tab", { hasText: "math.js (proposed)" }).waitFor({ state: "detached" });
    expect(bench.read("src/math.js")).toBe(files["src/math.js"]);
  });

  test("an allowed change is made in that file alone", async () => {
    await bench.ask("edit src/math.js a - b => a + b");
    await bench.chat.getByRole("alertdialog").waitFor();
    await decide(bench, "Allow once");
    await expect.poll(() => bench.read("src/math.js")).toBe(files["src/math.js"].replace("a - b", "a + b"));
    await bench.chat.getByRole("button", { name: "Send" }).waitFor();
    expect(bench.git("status", "--porcelain")).toBe(" M src/math.js\n");
    await bench.page.locator(".tab", { hasText: "math.js (proposed)" }).waitFor({ state: "detached" });
    await bench.screenshot("5-allowed");
  });

  test("a decided change is shown again without the buttons that decide", async () => {
    await bench.chat.locator(".card-line").last().click();
    await bench.chat.getByRole("button", { name: "Open diff" }).last().click();
    await bench.page.locator(".tab", { hasText: "math.js (change)" }).waitFor();
    await bench.page.locator(".monaco-diff-editor .view-lines", { hasText: "a + b" }).first().waitFor();
    expect(await bench.page.getByRole("button", { name: "Allow This Change" }).count()).toBe(0);
    await bench.runCommand("View: Close All Editors");
    await bench.page.locator(".tab", { hasText: "math.js (change)" }).waitFor({ state: "detached" });
  });

  test("a change can be decided from the title of the diff editor", async () => {
    bench.git("checkout", "--quiet", ".");
    await bench.ask("edit src/math.js a - b => a * b");
    await bench.page.locator(".editor-actions").getByRole("button", { name: "Reject This Change" }).click();
    await bench.chat.getByText("Not changed: no.").nth(1).waitFor();
    await bench.ask("edit src/math.js a - b => a * b");
    await bench.page.locator(".editor-actions").getByRole("button", { name: "Allow This Change" }).click();
    await expect.poll(() => bench.read("src/math.js")).toContain("a * b");
    await bench.chat.getByRole("button", { name: "Send" }).waitFor();
    bench.git("checkout", "--quiet", ".");
  });

  test("unsaved text is never lost", async () => {
    await bench.openFile("other.js");
    await bench.page.keyboard.press("Control+Home");
    await bench.page.keyboard.type("// mine ");
    await bench.ask("edit src/other.js = 1 => = 2");
    await bench.chat.getByText("other.js has unsaved changes that the model has not seen").waitFor();
    await bench.screenshot("6-unsaved");
    const answers = await bench.chat.locator(".question button").allInnerTexts();
    expect(answers).toEqual(["Save and let the model read it", "Reject"]);
    expect(bench.read("src/other.js")).toBe(files["src/other.js"]);
    await decide(bench, "Save and let the model read it");
    await bench.chat.getByText("read it again").first().waitFor();
    expect(bench.read("src/other.js")).toBe(`// mine ${files["src/other.js"]}`);
  });

  test("asks about a command with the whole command", async () => {
    await bench.ask("run npm test -- --coverage && rm -rf coverage");
    await bench.chat.locator(".output code", { hasText: "npm test -- --coverage && rm -rf coverage" }).waitFor();
    await bench.screenshot("7-command");
    await decide(bench, "Reject");
    await bench.chat.getByRole("button", { name: "Send" }).waitFor();
  });

  test("writes a commit message for what is staged", async () => {
    bench.git("add", "src/other.js");
    await bench.page.keyboard.press("Control+Shift+G");
    await bench.page.locator(".scm-view").first().waitFor();
    await bench.page.locator(".scm-view .monaco-list-row", { hasText: "Staged Changes" }).waitFor();
    await bench.page.locator('.action-label[aria-label*="Write Commit Message"]').first().click();
    await bench.page.locator(".scm-editor .view-lines", { hasText: "fix: change src/other.js" }).waitFor();
    await bench.screenshot("8-commit");
  });

  test("a commit message can be cancelled", async () => {
    const toast = bench.page.locator(".notification-toast", { hasText: "writing a commit message" });
    await toast.waitFor({ state: "detached" });
    bench.write(".slow", "");
    await bench.page.locator('.action-label[aria-label*="Write Commit Message"]').first().click();
    await toast.getByRole("button", { name: "Cancel" }).click();
    await toast.waitFor({ state: "detached" });
    rmSync(join(bench.folder, ".slow"));
  });

  test("starts again when it was killed, and keeps the conversation", async () => {
    await bench.runCommand("Trust: Open Chat");
    const [killed = 0] = bench.startedAgents().slice(-1);
    process.kill(killed, "SIGKILL");
    // The bar says "stopped" only for a moment, which a busy machine may not draw.
    await expect.poll(() => bench.startedAgents().length, { timeout: 15_000 }).toBe(2);
    await bench.page.locator(".statusbar-item", { hasText: "Trust: scripted" }).waitFor();
    await bench.ask("still there");
    await bench.chat.locator("strong", { hasText: "still there" }).waitFor();
    await bench.chat.locator("strong", { hasText: "think about it" }).waitFor();
    expect(bench.startedAgents()).toHaveLength(2);
  });

  test("an earlier chat can be opened again", async () => {
    await bench.runCommand("Trust: New Chat");
    await bench.chat.getByText("Ask about the code in this folder").waitFor();
    await bench.runCommand("Trust: Earlier Chats");
    await bench.page.locator(".quick-input-list .monaco-list-row", { hasText: "think about it" }).first().click();
    await bench.chat.locator("strong", { hasText: "still there" }).waitFor();
    await bench.screenshot("9-history");
  });

  test("gives up after three tries, says so, and can be restarted by hand", async () => {
    for (let round = 0; round < 3; round += 1) {
      await bench.page.locator(".statusbar-item", { hasText: "Trust: scripted" }).waitFor();
      const count = bench.startedAgents().length;
      process.kill(bench.startedAgents().at(-1) ?? 0, "SIGKILL");
      if (round < 2) await expect.poll(() => bench.startedAgents().length, { timeout: 15_000 }).toBe(count + 1);
    }
    await bench.chat.getByRole("button", { name: "Restart" }).waitFor();
    await bench.screenshot("10-failed");
    await bench.chat.getByRole("button", { name: "Restart" }).click();
    await bench.page.locator(".statusbar-item", { hasText: "Trust: scripted" }).waitFor();
  });

  test("the window asks nothing of other machines, apart from the gallery of extensions", () => {
    // The files of webviews have addresses of this kind; the window's own service worker answers them.
    const isOwn = (host: string): boolean => host === "127.0.0.1" || host.endsWith(".vscode-resource.vscode-cdn.net");
    expect([...bench.hosts].filter((host) => host !== "" && host !== "open-vsx.org" && !isOwn(host))).toEqual([]);
  });
});

describe.skipIf(typeof rig === "string")("in Restricted Mode", () => {
  test("starts no program and says why", async () => {
    await using bench = await openWorkbench(rig as VscodeRig, vsix, { files, isRestricted: true });
    bench.setMachineSettings({ "trust.cliPath": bench.scriptedCli() });
    await bench.runCommand("Trust: Open Chat");
    await bench.chat.getByText("Trust starts no program here").waitFor();
    await bench.chat.getByRole("button", { name: "Manage workspace trust" }).waitFor();
    await bench.screenshot("11-restricted");
    expect(bench.startedAgents()).toEqual([]);
  });
});

const program = join(import.meta.dirname, "../../../cli/bin/trust.js");
const isBuilt = existsSync(join(import.meta.dirname, "../../../cli/dist/bundle/trust.js"));
if (!isBuilt)
  process.stderr.write("\nSKIPPED: the extension is not tested with the real command line. Run: npm run build\n\n");

describe.skipIf(typeof rig === "string" || !isBuilt)("with the real command line and the built-in model", () => {
  test("makes a new file when it is allowed, and writes its commit message", async () => {
    const settings = { "workbench.colorTheme": "Default Dark Modern" };
    await using bench = await openWorkbench(rig as VscodeRig, vsix, { files, settings });
    bench.setMachineSettings({
      "trust.cliPath": bench.startScript("trust", [`exec ${process.execPath} ${program} "$@"`]),
    });
    await bench.runCommand("Trust: Open Chat");
    await bench.page.locator(".statusbar-item", { hasText: "Trust: nano" }).waitFor();
    await bench.chat.getByText("built in").waitFor();
    await bench.screenshot("12-real-start");
    await bench.ask('create notes.md with the text "hello"');
    await bench.page.locator(".tab", { hasText: "notes.md (proposed)" }).waitFor();
    await bench.chat.getByRole("alertdialog").waitFor();
    await bench.screenshot("13-real-question");
    expect(existsSync(join(bench.folder, "notes.md"))).toBe(false);
    await decide(bench, "Allow once");
    await expect.poll(() => existsSync(join(bench.folder, "notes.md"))).toBe(true);
    await bench.chat.getByRole("button", { name: "Send" }).waitFor();
    await bench.screenshot("14-real-done");
    bench.git("add", "notes.md");
    await bench.page.keyboard.press("Control+Shift+G");
    await bench.page.locator(".scm-view .monaco-list-row", { hasText: "Staged Changes" }).waitFor();
    await bench.page.locator('.action-label[aria-label*="Write Commit Message"]').first().click();
    await bench.page.locator(".scm-editor .view-lines", { hasText: /[a-z]+.*notes/ }).waitFor();
    await bench.screenshot("15-real-commit");
  });
});

/** An answer counts only once the question has been on the screen for a moment. */
async function decide(bench: Workbench, name: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 400));
  await bench.chat.getByRole("button", { name, exact: true }).click();
}
