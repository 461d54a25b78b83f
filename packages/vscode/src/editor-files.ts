import { readFile } from "node:fs/promises";

import * as vscode from "vscode";

import { realPath } from "./real-path.ts";

/** What a person sees: the open document, saved or not, else the file. Absolute paths. */
export async function readEditorText(path: string): Promise<string> {
  return openDocument(path)?.getText() ?? (await readSaved(path));
}

export function unsavedText(path: string): string | undefined {
  const document = openDocument(path);
  return document?.isDirty ? document.getText() : undefined;
}

export async function saveFile(path: string): Promise<boolean> {
  const document = openDocument(path);
  return document === undefined || !document.isDirty || (await document.save());
}

/** Without a byte order mark, as documents and the agent give it. Undefined when there is no such file. */
export async function savedText(path: string): Promise<string | undefined> {
  return readSaved(path).catch(() => undefined);
}

async function readSaved(path: string): Promise<string> {
  return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
}

/** The agent's paths have no symbolic links, the paths of documents may have. The one with unsaved text comes first. */
function openDocument(path: string): vscode.TextDocument | undefined {
  const uri = vscode.Uri.file(path).toString();
  const real = realPath(path);
  const documents = vscode.workspace.textDocuments.filter(
    (document) => !document.isClosed && (document.uri.toString() === uri || isFile(document.uri, real)),
  );
  return documents.find(({ isDirty }) => isDirty) ?? documents[0];
}

const isFile = ({ scheme, fsPath }: vscode.Uri, real: string): boolean =>
  scheme === "file" && realPath(fsPath) === real;
