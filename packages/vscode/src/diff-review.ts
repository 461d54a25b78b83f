import { basename } from "node:path";

import * as vscode from "vscode";

import { readEditorText, savedText, saveFile, unsavedText } from "./editor-files.ts";
import type { ProposedChange, ReviewPort } from "./questions.ts";

/** Documents of this scheme are proposals that wait for an answer; the menus of `package.json` name it too. */
const proposed = "trust-proposed";
/** Documents of this scheme are changes that nothing is asked about: they have no buttons. */
const lookedAt = "trust-change";

/** Shows proposals in the native diff editor. Nothing here writes a proposal to a file. */
export class DiffReview implements ReviewPort, vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly unsavedText = unsavedText;
  readonly save = saveFile;
  readonly savedText = savedText;
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registrations = [proposed, lookedAt].map((scheme) =>
    vscode.workspace.registerTextDocumentContentProvider(scheme, this),
  );

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? "";
  }

  async open(change: ProposedChange, questionId: string): Promise<void> {
    await this.#compare(change, { scheme: proposed, about: questionId }, "proposed");
  }

  async show(change: ProposedChange, toolId: string): Promise<void> {
    await this.#compare(change, { scheme: lookedAt, about: toolId }, "change");
  }

  async close({ path }: ProposedChange, questionId: string): Promise<void> {
    const subject = { scheme: proposed, about: questionId };
    const after = uriOf(path, "after", subject).toString();
    await vscode.window.tabGroups.close(
      proposalTabs()
        .filter(({ uri }) => uri.toString() === after)
        .map(({ tab }) => tab),
      true,
    );
    this.#texts.delete(after);
    this.#texts.delete(uriOf(path, "before", subject).toString());
  }

  /** Closes what an earlier window left open: its proposals are gone. */
  async closeLeftovers(): Promise<void> {
    const tabs = proposalTabs().map(({ tab }) => tab);
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
    this.#changed.dispose();
  }

  async #compare(change: ProposedChange, subject: Subject, word: string): Promise<void> {
    const after = this.#put(uriOf(change.path, "after", subject), change.newText);
    const before = await this.#before(change, subject);
    const options: vscode.TextDocumentShowOptions = { preview: false, preserveFocus: true };
    await vscode.commands.executeCommand("vscode.diff", before, after, `${basename(change.path)} (${word})`, options);
  }

  /** The file itself when it is what the change starts from, else that text alone. */
  async #before({ path, oldText }: ProposedChange, subject: Subject): Promise<vscode.Uri> {
    const current = await readEditorText(path).catch(() => undefined);
    if (oldText !== undefined && current === oldText) return vscode.Uri.file(path);
    return this.#put(uriOf(path, "before", subject), oldText ?? "");
  }

  #put(uri: vscode.Uri, text: string): vscode.Uri {
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    return uri;
  }
}

function proposalTabs(): { tab: vscode.Tab; uri: vscode.Uri }[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .flatMap((tab) => (tab.input instanceof vscode.TabInputTextDiff ? [{ tab, uri: tab.input.modified }] : []))
    .filter(({ uri }) => uri.scheme === proposed || uri.scheme === lookedAt);
}

/** What a document belongs to: the question, or the tool call that nothing is asked about. */
interface Subject {
  scheme: string;
  about: string;
}

const uriOf = (path: string, side: "before" | "after", { scheme, about }: Subject): vscode.Uri =>
  vscode.Uri.file(path).with({ scheme, query: new URLSearchParams({ side, about }).toString() });

/** The question that a proposal belongs to; undefined for other documents. */
export function questionOf(uri: vscode.Uri | undefined): string | undefined {
  if (uri?.scheme !== proposed) return undefined;
  return new URLSearchParams(uri.query).get("about") ?? undefined;
}
