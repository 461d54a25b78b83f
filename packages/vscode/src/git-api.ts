import * as vscode from "vscode";

/** The part of the built-in Git extension's interface that is used here. */
export interface GitRepository {
  rootUri: vscode.Uri;
  inputBox: { value: string };
  state: { indexChanges: readonly unknown[] };
}

interface GitApi {
  repositories: readonly GitRepository[];
  getRepository(uri: vscode.Uri): GitRepository | null;
}

interface GitExtension {
  getAPI(version: 1): GitApi;
}

/** The repository whose button was pressed, else the only one or the one of the active file. */
export async function chooseRepository(pressed: vscode.Uri | undefined): Promise<GitRepository | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>("vscode.git");
  if (extension === undefined) return undefined;
  const api = (await extension.activate()).getAPI(1);
  const uri = pressed ?? vscode.window.activeTextEditor?.document.uri;
  return (uri === undefined ? undefined : api.getRepository(uri)) ?? api.repositories[0];
}
