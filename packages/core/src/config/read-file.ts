import { type Document, isMap, isNode, isScalar, LineCounter, type Pair, parseDocument } from "yaml";

import { checkSetting, invalidSettings, nearestKey, shownKey } from "./check-setting.ts";
import { isSettingKey, type SettingKey, settingFor, settingKeys } from "./settings.ts";

/** Reads the text of a settings file (YAML, and so JSON too). Errors name file, key and line. */
export function readSettings(file: string, text: string): Map<SettingKey, unknown> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) throw invalidSettings(`${file}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`);
  const values = new Map<SettingKey, unknown>();
  if (document.contents === null) return values;
  if (!isMap(document.contents)) throw invalidSettings(`${file}: settings are written as key: value`);
  const reader: Reader = { file, document, lines, values };
  for (const pair of document.contents.items) readPair(reader, pair, "");
  return values;
}

interface Reader {
  file: string;
  document: Document;
  lines: LineCounter;
  values: Map<SettingKey, unknown>;
}

function readPair(reader: Reader, pair: Pair, prefix: string): void {
  const key = prefix + (isScalar(pair.key) ? String(pair.key.value) : String(pair.key));
  const at = `${reader.file}:${lineOf(reader, pair)}`;
  if (isSettingKey(key)) {
    reader.values.set(key, checkSetting(key, plainValue(reader, pair.value, at), `${at}: `));
    return;
  }
  const isGroup = settingKeys.some((known) => known.startsWith(`${key}.`));
  if (isGroup && isMap(pair.value)) {
    for (const inner of pair.value.items) readPair(reader, inner, `${key}.`);
    return;
  }
  if (isGroup) throw invalidSettings(`${at}: ${key} is a group of settings, such as ${nearestKey(`${key}.`)}`);
  throw invalidSettings(
    `${at}: there is no setting ${shownKey(key)}`,
    `did you mean ${nearestKey(key)}? trust config get lists all`,
  );
}

/** Aliases are resolved up to a limit of the library, so that a few lines cannot become gigabytes. */
function plainValue({ document }: Reader, value: unknown, at: string): unknown {
  try {
    return isNode(value) ? value.toJS(document) : value;
  } catch (cause) {
    throw invalidSettings(`${at}: ${(cause as Error).message}`);
  }
}

function lineOf({ lines }: Reader, { key }: Pair): number {
  const range = (key as { range?: readonly number[] } | null)?.range;
  return lines.linePos(range?.[0] ?? 0).line;
}

/** The text of a settings file with one setting changed; in YAML everything else stays as it is, comments too. */
export function changeSettings(text: string, key: SettingKey, value: unknown, format: "json" | "yaml"): string {
  const document = parseDocument(text);
  document.setIn(key.split("."), value);
  return format === "json" ? `${JSON.stringify(document.toJS(), undefined, 2)}\n` : document.toString();
}

/** Text as a person types it: a list may be one value, and text stays text even when it looks like a number. */
export function parseValue(key: SettingKey, text: string): unknown {
  const { schema, joins } = settingFor(key);
  if (schema.safeParse(text).success) return text;
  const document = parseDocument(text);
  const value: unknown = document.errors.length === 0 ? document.toJS() : text;
  return joins === true && !Array.isArray(value) ? [text] : value;
}
