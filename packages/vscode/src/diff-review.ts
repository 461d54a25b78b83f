import { basename } from "node:path";

import * as vscode from "vscode";

import { readEditorText, savedText, saveFile, unsavedText } from "./editor-files.ts";
import type { ProposedChange, ReviewPort } from "./questions.ts";

/** Documents of this scheme are proposals; the menus of `package.json` name it too. */
const scheme = "trust-proposed";

/** Shows proposals in the native diff editor. Nothing here writes a proposal to a file. */
export class DiffReview implements ReviewPort, vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly unsavedText = unsavedText;
  readonly save = saveFile;
  readonly savedText = savedText;
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? "";
  }

  async open(change: ProposedChange): Promise<void> {
    const after = this.#put(change.path, "after", change.newText);
    const before = await this.#before(change);
    const title = `${basename(change.path)} (proposed)`;
    const options: vscode.TextDocumentShowOptions = { preview: false, preserveFocus: true };
    await vscode.commands.executeCommand("vscode.diff", before, after, title, options);
  }

  async close({ path }: ProposedChange): Promise<void> {
    const after = proposalUri(path, "after").toString();
    await vscode.window.tabGroups.close(
      proposalTabs()
        .filter(({ uri }) => uri.toString() === after)
        .map(({ tab }) => tab),
      true,
    );
    this.#texts.delete(after);
    this.#texts.delete(proposalUri(path, "before").toString());
  }

  /** Closes what an earlier window left open: its proposals are gone. */
  async closeLeftovers(): Promise<void> {
    const tabs = proposalTabs().map(({ tab }) => tab);
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  /** The file itself when it is what the change starts from, else that text alone. */
  async #before({ path, oldText }: ProposedChange): Promise<vscode.Uri> {
    const current = await readEditorText(path).catch(() => undefined);
    if (oldText !== undefined && current === oldText) return vscode.Uri.file(path);
    return this.#put(path, "before", oldText ?? "");
  }

  #put(path: string, side: Side, text: string): vscode.Uri {
    const uri = proposalUri(path, side);
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    return uri;
  }
}

function proposalTabs(): { tab: vscode.Tab; uri: vscode.Uri }[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .flatMap((tab) => (tab.input instanceof vscode.TabInputTextDiff ? [{ tab, uri: tab.input.modified }] : []))
    .filter(({ uri }) => uri.scheme === scheme);
}

type Side = "before" | "after";

const proposalUri = (path: string, side: Side): vscode.Uri => vscode.Uri.file(path).with({ scheme, query: side });

/** The file that a proposal is about; undefined for other documents. */
export function proposedFile(uri: vscode.Uri | undefined): string | undefined {
  return uri?.scheme === scheme ? uri.with({ scheme: "file", query: "" }).fsPath : undefined;
}
