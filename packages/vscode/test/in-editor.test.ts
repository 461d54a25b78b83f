import { realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, describe, expect, test, vi } from "vitest";
import type * as vscode from "vscode";

import { ChatView } from "../src/chat-view.ts";
import { DiffReview, questionOf } from "../src/diff-review.ts";
import { readEditorText, unsavedText } from "../src/editor-files.ts";
import { ActiveFile, openInEditor } from "../src/open-files.ts";
import { held, shownText, Uri } from "./fixtures/fake-vscode.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

vi.mock("vscode", () => import("./fixtures/fake-vscode.ts"));

beforeEach(() => {
  Object.assign(held, { documents: [], folders: [], tabs: [], opened: [], messages: [] });
});

const edited = (path: string, text: string): void => {
  held.documents.push({ uri: Uri.file(path), isDirty: true, isClosed: false, getText: () => text });
};

const modified = (index: number): vscode.Uri | undefined =>
  held.tabs[index]?.input.modified as unknown as vscode.Uri | undefined;

describe("a proposal in the diff editor", () => {
  const proposal = (newText: string) => ({ path: "/shop/cart.ts", oldText: undefined, newText });

  test("leads to its own question and keeps its text, whatever else is shown of the same file", async () => {
    using review = disposable(new DiffReview());
    await review.part.open(proposal("asked"), "7");
    await review.part.show(proposal("older"), "call 1&about=7");
    await review.part.open(proposal("also asked"), "8");
    expect(held.tabs.map(shownText)).toEqual(["asked", "older", "also asked"]);
    expect([0, 1, 2].map((index) => questionOf(modified(index)))).toEqual(["7", undefined, "8"]);
    await review.part.close(proposal("asked"), "7");
    expect(held.tabs.map(shownText)).toEqual(["older", "also asked"]);
  });

  test("has the buttons of its scheme, a change that is only looked at has not", async () => {
    using review = disposable(new DiffReview());
    await review.part.open(proposal("asked"), "7");
    await review.part.show(proposal("older"), "call-1");
    expect([modified(0)?.scheme, modified(1)?.scheme]).toEqual(["trust-proposed", "trust-change"]);
  });

  test("of an earlier window is closed", async () => {
    using review = disposable(new DiffReview());
    await review.part.open(proposal("asked"), "7");
    await review.part.show(proposal("older"), "call-1");
    await review.part.closeLeftovers();
    expect(held.tabs).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("in a folder that is opened by a symbolic link", () => {
  test("unsaved text is found by the path that the agent knows", async () => {
    using folder = new TemporaryFolder();
    const real = realpathSync(folder.write("real/cart.ts", "saved"));
    symlinkSync(join(folder.path, "real"), join(folder.path, "link"));
    edited(join(folder.path, "link", "cart.ts"), "unsaved");
    edited(join(folder.path, "link", "new.ts"), "not saved yet");
    expect(unsavedText(real)).toBe("unsaved");
    expect(await readEditorText(real)).toBe("unsaved");
    expect(unsavedText(join(folder.path, "real", "new.ts"))).toBe("not saved yet");
    expect(unsavedText(join(folder.path, "real", "other.ts"))).toBeUndefined();
  });

  test("a file is opened by its path in the window, and one outside is not", async () => {
    using folder = new TemporaryFolder();
    const real = realpathSync(folder.write("real/src/cart.ts", ""));
    const link = join(folder.path, "link");
    symlinkSync(join(folder.path, "real"), link);
    held.folders.push(link);
    await openInEditor({ path: real });
    await openInEditor({ path: "src/cart.ts" });
    await openInEditor({ path: folder.write("outside.ts", "") });
    expect(held.opened).toEqual([join(link, "src/cart.ts"), join(link, "src/cart.ts")]);
    expect(held.messages).toHaveLength(1);
  });
});

describe("the attached file", () => {
  test.each([
    ["/shop/C#.md", "file:///shop/C%23.md"],
    ["/shop/what?.md", "file:///shop/what%3F.md"],
    ["/shop/100%.md", "file:///shop/100%25.md"],
  ])("%s is named by an address that leads back to it", (path, uri) => {
    edited(path, "");
    using active = disposable(new ActiveFile(() => {}));
    expect(active.part.link()?.uri).toBe(uri);
  });
});

describe("the chat view", () => {
  const options = { log: () => {}, replay: () => [], shown: () => {}, receive: () => {} };

  test("has the title and the mark that were set before it was there", () => {
    const chat = new ChatView({ ...options, extensionUri: Uri.file("/extension") as unknown as vscode.Uri });
    chat.setTitle("Tests fail on Mondays");
    chat.setBadge(1, "Trust waits for your answer");
    const first = fakeView();
    chat.resolveWebviewView(first);
    expect(first).toMatchObject({
      description: "Tests fail on Mondays",
      badge: { value: 1, tooltip: "Trust waits for your answer" },
    });
    chat.setTitle("");
    chat.setBadge(0, "");
    expect(first).toMatchObject({ description: "", badge: undefined });
    const second = fakeView();
    chat.resolveWebviewView(second);
    expect(second).toMatchObject({ description: "", badge: undefined });
  });
});

function fakeView(): vscode.WebviewView {
  const subscribe = (): object => ({ dispose: () => {} });
  const webview = { asWebviewUri: String, cspSource: "'self'", onDidReceiveMessage: subscribe };
  return { webview, onDidDispose: subscribe, onDidChangeVisibility: subscribe } as unknown as vscode.WebviewView;
}

function disposable<Part extends { dispose(): void }>(part: Part): Disposable & { part: Part } {
  return { part, [Symbol.dispose]: () => part.dispose() };
}
