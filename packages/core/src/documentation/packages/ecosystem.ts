import type { DocumentPlace } from "../place.ts";
import type { SourceFile } from "../source.ts";

/** A package that lies on this machine. */
export interface FoundPackage {
  version: string;
  location: string;
  files(notes: string[]): SourceFile[];
}

/** Where one package manager keeps what it fetched. Only looks; runs nothing and asks no network. */
export interface Ecosystem {
  id: "npm" | "pip" | "go" | "cargo";
  /** Undefined when it is not there. */
  find(name: string, place: DocumentPlace): FoundPackage | undefined;
  /** What there is, for suggestions. */
  names(place: DocumentPlace): Iterable<string>;
  /** The folders that were looked into. */
  folders(place: DocumentPlace): string[];
}

/** Licences and lists of changes are no documentation of how to use a package. */
export const isNoise = (path: string): boolean =>
  /(?:^|\/)(?:licen[cs]e|copying|notice|change(?:s|log)|history|authors|contributors|code_of_conduct|security|third[-_]?party)[^/]*$/i.test(
    path,
  );

export const isTestFolder = (path: string): boolean =>
  /(?:^|\/)(?:tests?|__tests__|spec|benches|benchmarks?|fixtures|internal)$/.test(path);

/** The later of two versions, more or less as semantic versions order them: releases before their candidates. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(first.numbers.length, second.numbers.length); index++) {
    const difference = (first.numbers[index] ?? 0) - (second.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if ((first.rest === "") !== (second.rest === "")) return first.rest === "" ? 1 : -1;
  return first.rest < second.rest ? -1 : first.rest > second.rest ? 1 : 0;
}

function partsOf(version: string): { numbers: number[]; rest: string } {
  const [, numbers = "", rest = ""] = /^v?([\d.]+)(?:\+incompatible)?(.*)$/.exec(version) ?? [];
  return { numbers: numbers.split(".").map(Number), rest };
}
