import type { Block } from "../blocks.ts";
import { readGoSource } from "./go-source.ts";
import { readHtml } from "./html.ts";
import { jsonOf } from "./json-text.ts";
import { readManPage } from "./man/page.ts";
import { readMarkdown } from "./markdown.ts";
import { readPlainText } from "./plain-text.ts";
import { readPythonSource } from "./python-source.ts";
import { readRestructuredText } from "./restructured-text.ts";
import { readRustSource } from "./rust-source.ts";
import { isRustdoc, readRustdocJson } from "./rustdoc-json.ts";
import { readTypeDeclarations } from "./type-declarations.ts";
import { isTypedoc, readTypedocJson } from "./typedoc-json.ts";

type Reader = (source: string) => Block[];

const readers: readonly (readonly [RegExp, Reader])[] = [
  [/\.(?:md|mdx|markdown|mkd)$/i, readMarkdown],
  [/\.(?:html?|xhtml)$/i, readHtml],
  [/\.rst$/i, readRestructuredText],
  [/\.(?:txt|text|adoc|asciidoc)$/i, readPlainText],
  [/\.d\.[cm]?ts$/i, readTypeDeclarations],
  [/\.json$/i, readJson],
  [/\.[1-9][a-z]{0,6}$/, readManPage],
  [/\.pyi?$/, readPythonSource],
  [/\.go$/, readGoSource],
  [/\.rs$/, readRustSource],
];

/** Documents by their names: not source code, and not the JSON that most JSON is. */
const documentNames =
  /\.(?:md|mdx|markdown|mkd|html?|xhtml|rst|txt|text|adoc|asciidoc|json|[1-9](?:\.gz)?)$|\.d\.[cm]?ts$|(?:^|\/)readme$/i;

/** Whether a folder's file of this name is read. */
export const isDocument = (path: string): boolean => documentNames.test(path);

/** What a file says, by its name, or by how it begins where the name tells nothing. */
export function readDocument(path: string, source: string): Block[] {
  const text = withoutEndlessLines(source.replace(/^\uFEFF/, ""));
  const known = readers.find(([names]) => names.test(path.replace(/\.gz$/, "")))?.[1];
  return (known ?? readerOf(text))(text);
}

const longestLine = 2000;

/** Breaks lines that no one wrote by hand, at a blank where there is one: expressions over lines stay fast. */
const withoutEndlessLines = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line.length > longestLine ? broken(line) : line))
    .join("\n");

function broken(line: string): string {
  const pieces: string[] = [];
  for (let at = 0; at < line.length;) {
    const blank = line.length - at > longestLine ? line.lastIndexOf(" ", at + longestLine) : -1;
    const end = blank > at ? blank : at + longestLine;
    pieces.push(line.slice(at, end));
    at = blank > at ? end + 1 : end;
  }
  return pieces.join("\n");
}

function readerOf(text: string): Reader {
  const head = text.slice(0, 2000).trimStart();
  if (/^(?:<!doctype html|<html|<\?xml)/i.test(head)) return readHtml;
  if (/^(?:'\\" |\.\\"|\.TH |\.Dd )/.test(head)) return readManPage;
  return /^(?:#{1,6} |```)/m.test(head) ? readMarkdown : readPlainText;
}

/** JSON that is no documentation says nothing. */
function readJson(text: string): Block[] {
  const value = jsonOf(text);
  if (isRustdoc(value)) return readRustdocJson(value);
  return isTypedoc(value) ? readTypedocJson(value) : [];
}
