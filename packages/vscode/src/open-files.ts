import { isAbsolute, join, relative } from "node:path";

import * as vscode from "vscode";

import type { Location } from "./messages.ts";
import { realPath } from "./real-path.ts";

/** The file that the person looks at; a proposal or an output panel is none. */
export class ActiveFile implements vscode.Disposable {
  readonly #subscription: vscode.Disposable;
  readonly #changed: (name: string) => void;
  #uri: vscode.Uri | undefined;

  constructor(changed: (name: string) => void) {
    this.#changed = changed;
    this.#subscription = vscode.window.onDidChangeActiveTextEditor(() => this.#look());
    this.#look();
  }

  link(): { uri: string; name: string } | undefined {
    const uri = this.#uri;
    return uri === undefined ? undefined : { uri: uri.toString(), name: vscode.workspace.asRelativePath(uri) };
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #look(): void {
    const uri = vscode.window.activeTextEditor?.document.uri;
    // No editor is active while an output panel is; the file is still there.
    if (uri !== undefined && uri.scheme !== "file") return;
    this.#uri = uri;
    this.#changed(this.link()?.name ?? "");
  }
}

/** `path` is absolute, with symbolic links or without, or below a folder of the window; `line` counts from 1. Other files are not opened. */
export async function openInEditor({ path, line }: Location): Promise<void> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const candidates = isAbsolute(path)
    ? [path, ...folders.map((folder) => join(folder, relative(realPath(folder), realPath(path))))]
    : folders.map((folder) => join(folder, path));
  for (const candidate of candidates) {
    const uri = vscode.Uri.file(candidate);
    if (vscode.workspace.getWorkspaceFolder(uri) === undefined || !(await exists(uri))) continue;
    const position = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
    await vscode.window.showTextDocument(uri, { selection: new vscode.Range(position, position) });
    return;
  }
  vscode.window.setStatusBarMessage(`Trust: ${path} is not in this folder`, 5000);
}

const exists = async (uri: vscode.Uri): Promise<boolean> =>
  vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
