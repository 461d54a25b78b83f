import { randomBytes } from "node:crypto";

import * as vscode from "vscode";

import { chatHtml } from "./chat-html.ts";
import type { FromView, ToView } from "./messages.ts";

interface ChatViewOptions {
  extensionUri: vscode.Uri;
  log(line: string): void;
  /** Everything that the view has to show, asked for whenever it is created. */
  replay(): ToView[];
  shown(): void;
  receive(message: FromView): void;
}

/** The webview. It keeps nothing: it is filled again whenever it is shown. */
export class ChatView implements vscode.WebviewViewProvider {
  static readonly id = "trust.chat";
  readonly #options: ChatViewOptions;
  #view: vscode.WebviewView | undefined;
  #isReady = false;
  #title = "";
  #badge: vscode.ViewBadge | undefined;

  constructor(options: ChatViewOptions) {
    this.#options = options;
  }

  get isVisible(): boolean {
    return this.#view?.visible ?? false;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    view.description = this.#title;
    view.badge = this.#badge;
    this.#isReady = false;
    const dist = vscode.Uri.joinPath(this.#options.extensionUri, "dist");
    view.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    view.webview.onDidReceiveMessage((message) => void this.#receive(message));
    view.onDidDispose(() => (this.#view = undefined));
    view.onDidChangeVisibility(() => {
      if (view.visible) this.#options.shown();
    });
    view.webview.html = chatHtml({
      script: view.webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview.js")).toString(),
      style: view.webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview.css")).toString(),
      source: view.webview.cspSource,
      nonce: randomBytes(16).toString("base64"),
    });
    this.#options.shown();
  }

  post(message: ToView): void {
    // What happens before the view is ready is part of what `replay` gives it.
    if (this.#isReady) void this.#view?.webview.postMessage(message);
  }

  setTitle(title: string): void {
    this.#title = title;
    if (this.#view !== undefined) this.#view.description = title;
  }

  setBadge(count: number, tooltip: string): void {
    this.#badge = count === 0 ? undefined : { value: count, tooltip };
    if (this.#view !== undefined) this.#view.badge = this.#badge;
  }

  async reveal(): Promise<void> {
    await vscode.commands.executeCommand(`${ChatView.id}.focus`);
    this.post({ type: "focus" });
  }

  async #receive(message: unknown): Promise<void> {
    // Loaded with the first message, so that a window without a chat does not pay for it.
    const { FromView } = await import("./messages.ts");
    const parsed = FromView.safeParse(message);
    if (!parsed.success) return this.#options.log(`The chat view sent something unknown: ${parsed.error.message}`);
    if (parsed.data.type === "ready") {
      this.#isReady = true;
      for (const one of this.#options.replay()) this.post(one);
    }
    this.#options.receive(parsed.data);
  }
}
