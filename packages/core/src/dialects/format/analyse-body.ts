import { analyseNamed } from "./analyse-named.ts";
import { analyseTags } from "./analyse-tags.ts";
import { type FoundObject, jsonEnd, objectHolding } from "./call-text.ts";
import { type CallRegion, closeOf, frameOf, type Pieces } from "./frame.ts";
import { sample } from "./probes.ts";
import type { CallBody, CallFormat } from "./tool-format.ts";

/** Tells the five ways of writing a call apart by what stands around the names and values. */
export function analyseBody(region: CallRegion): CallFormat | undefined {
  const name = region.one.indexOf(sample.names[0]);
  const object = objectHolding(region.one, sample.names[0], 0);
  if (object !== undefined && object.start < name) return analyseJson(region, object);
  const behind = region.one.slice(name + sample.names[0].length);
  if (behind.startsWith("(")) return analysePython(region);
  const brace = behind.indexOf("{");
  if (brace === 0 && jsonEnd(behind, 0) !== undefined && behind.startsWith(`{${sample.keys[0]}`))
    return analyseGemma(region);
  const args = objectHolding(behind, sample.keys[0], 0);
  return args === undefined ? analyseTags(region) : analyseNamed(region);
}

function analyseJson(region: CallRegion, first: FoundObject): CallFormat | undefined {
  const body = jsonBody(first.value, region.ids);
  if (body === undefined) return undefined;
  const second = region.two === undefined ? undefined : objectHolding(region.two, sample.names[1], first.end);
  const pieces: Pieces = {
    before: region.one.slice(0, first.start),
    between: second === undefined ? undefined : region.two?.slice(first.end, second.start),
    after: second === undefined ? region.one.slice(first.end) : (region.two?.slice(second.end) ?? ""),
  };
  return { ...frameOf(pieces), lead: "", body };
}

function jsonBody(value: Record<string, unknown>, ids: readonly string[]): CallBody | undefined {
  const [name] = sample.names;
  if (Object.hasOwn(value, name)) return { kind: "keyed" };
  const entries = Object.entries(value);
  const nameKey = entries.find(([, inner]) => inner === name)?.[0];
  if (nameKey === undefined) {
    const wrapped = entries.find(
      ([, inner]) => typeof inner === "object" && inner !== null && Object.values(inner).includes(name),
    );
    const inner = wrapped === undefined ? undefined : jsonBody(wrapped[1] as Record<string, unknown>, ids);
    return inner?.kind === "json" ? { ...inner, wrapper: wrapped?.[0] } : undefined;
  }
  const argumentsKey = entries.find(([, inner]) => JSON.stringify(inner).includes(sample.keys[0]))?.[0];
  const idKey = entries.find(
    ([key, inner]) => key !== nameKey && typeof inner === "string" && (ids.includes(inner) || /^\d+$/.test(inner)),
  )?.[0];
  if (argumentsKey === undefined) return undefined;
  return { kind: "json", nameKey, argumentsKey, idKey, wrapper: undefined };
}

function analysePython(region: CallRegion): CallFormat {
  const name = region.one.indexOf(sample.names[0]);
  const second = region.two?.indexOf(sample.names[1]) ?? -1;
  const end = region.one.indexOf(")", name) + 1;
  const firstEnd = region.two === undefined ? -1 : region.two.indexOf(")", region.two.indexOf(sample.names[0])) + 1;
  const pieces: Pieces = {
    before: region.one.slice(0, name),
    between: second < 0 ? undefined : region.two?.slice(firstEnd, second),
    after: second < 0 ? region.one.slice(end) : (region.two?.slice(region.two.indexOf(")", second) + 1) ?? ""),
  };
  return { ...frameOf(pieces), lead: "", body: { kind: "python" } };
}

function analyseGemma(region: CallRegion): CallFormat {
  const name = region.one.indexOf(sample.names[0]);
  const key = region.one.indexOf(`${sample.keys[0]}:`, name) + sample.keys[0].length + 1;
  const quote = region.one.slice(key, region.one.indexOf(sample.text, key));
  const end = region.one.indexOf("}", name) + 1;
  const before = region.one.slice(0, name);
  const nameOpen = /\w+:$/.exec(before)?.[0] ?? "";
  const open = before.slice(0, before.length - nameOpen.length);
  const close = closeOf(open, region.one.slice(end));
  const body = { kind: "gemma", nameOpen, quote } as const;
  return { sectionOpen: "", sectionClose: "", open, close, separator: "", list: false, lead: "", body };
}
