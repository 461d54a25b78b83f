import { tryParseJson } from "../call-arguments.ts";
import { JsonDepth } from "../json-depth.ts";
import { sample } from "./probes.ts";

/** How far a JSON value reaches that begins at `from`; undefined where none does. */
export function jsonEnd(text: string, from: number): number | undefined {
  const depth = new JsonDepth();
  for (let at = from; at < text.length; at++) if (depth.push(text.charAt(at))) return at + 1;
  return undefined;
}

/** A family writes few braces before its first call; a template with very many only costs time. */
const triedObjects = 50;

export interface FoundObject {
  value: Record<string, unknown>;
  start: number;
  end: number;
}

/** The outermost JSON object from `from` on that holds `text` somewhere. */
export function objectHolding(rendered: string, text: string, from: number): FoundObject | undefined {
  let start = from - 1;
  for (let tried = 0; tried < triedObjects; tried++) {
    start = rendered.indexOf("{", start + 1);
    if (start < 0) return undefined;
    const end = jsonEnd(rendered, start);
    if (end === undefined || !rendered.slice(start, end).includes(text)) continue;
    const parsed = tryParseJson(rendered.slice(start, end), "probe");
    if (parsed.ok) return { value: parsed.value as Record<string, unknown>, start, end };
  }
  return undefined;
}

/** A rendered call is usable where it holds its name and its arguments as they were given, not as an escaped text. */
export function isWhole(rendered: string | undefined): rendered is string {
  if (rendered === undefined) return false;
  const [name] = sample.names;
  const wanted = [name, ...sample.keys, sample.text, String(sample.number)];
  return wanted.every((text) => rendered.includes(text)) && !rendered.includes(`\\"${sample.keys[0]}`);
}
