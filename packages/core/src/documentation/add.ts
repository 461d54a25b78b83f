import { hash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Added, AddOptions } from "./answers.ts";
import { interrupted } from "./archive.ts";
import { readDocument } from "./formats/index.ts";
import { sectionsOf } from "./sections.ts";
import { type DocumentSource, docsError, limits, type SourceFile } from "./source.ts";
import { type DocumentWriter, readerVersion, type StoredSource } from "./store.ts";

interface Adding extends Added {
  id: number;
  bytes: number;
  skipped: string[];
  leftOut: number;
}

const mostNamed = 3;
/** Work between two looks at whether the person has interrupted. */
const sliceMilliseconds = 20;

/** Reads what changed of a source, in one transaction: whatever ends it early leaves the old state. */
export async function addSource(
  writer: DocumentWriter,
  source: DocumentSource,
  known: StoredSource | undefined,
  options: AddOptions,
): Promise<Added> {
  const name = options.name ?? source.name;
  if (known !== undefined && known.origin !== source.origin) {
    throw docsError(`${name} is the name of ${known.origin}`, "give this one another name: --name NAME");
  }
  writer.begin();
  try {
    const added = await readFiles(writer, source, { ...options, name });
    if (added.files === 0) throw nothingFound(source);
    writer.commit();
    return result(added, source);
  } catch (error) {
    writer.rollback();
    throw error;
  }
}

async function readFiles(
  writer: DocumentWriter,
  source: DocumentSource,
  options: AddOptions & { name: string },
): Promise<Adding> {
  const { name, signal } = options;
  const { origin, location } = source;
  const id = writer.putSource({ name, origin, location, added: new Date().toISOString() });
  const known = writer.documents(id);
  const adding: Adding = {
    id,
    name,
    location,
    files: 0,
    sections: 0,
    read: 0,
    removed: 0,
    notes: [],
    bytes: 0,
    skipped: [],
    leftOut: 0,
  };
  let next = performance.now() + sliceMilliseconds;
  for await (const file of source.files(signal)) {
    await addFile(writer, file, adding, known);
    if (performance.now() < next) continue;
    options.onProgress?.({ name, files: adding.files, sections: adding.sections });
    await nextTurn();
    if (signal.aborted) throw interrupted();
    next = performance.now() + sliceMilliseconds;
  }
  if (signal.aborted) throw interrupted();
  for (const document of known.values()) {
    writer.removeDocument(document);
    adding.removed += 1;
  }
  return adding;
}

type Known = Map<string, { id: number; digest: string; size: number; sections: number }>;

/** What stays in `known` in the end is no longer there. */
async function addFile(writer: DocumentWriter, file: SourceFile, adding: Adding, known: Known): Promise<void> {
  if (adding.bytes >= limits.sourceBytes || adding.sections >= limits.sections) {
    adding.leftOut += 1;
    return;
  }
  const bytes = await file.read();
  if (bytes === undefined) {
    adding.skipped.push(file.path);
    return;
  }
  if (bytes.subarray(0, 8192).includes(0)) return;
  const digest = `${readerVersion}:${hash("sha256", bytes, "hex")}`;
  const old = known.get(file.path);
  if (old?.digest === digest) {
    known.delete(file.path);
    count(adding, old);
    return;
  }
  const sections = sectionsOf(readDocument(file.path, bytes.toString("utf8")));
  if (sections.length === 0) return;
  const room = limits.sections - adding.sections;
  if (sections.length > room) adding.leftOut += 1;
  if (old !== undefined) writer.removeDocument(old);
  known.delete(file.path);
  const taken = sections.slice(0, room);
  writer.putDocument(
    adding.id,
    { path: file.path, digest: taken.length < sections.length ? "" : digest, size: bytes.length },
    taken,
  );
  adding.read += 1;
  count(adding, { size: bytes.length, sections: taken.length });
}

function count(adding: Adding, { size, sections }: { size: number; sections: number }): void {
  adding.files += 1;
  adding.bytes += size;
  adding.sections += sections;
}

function result(
  { name, location, files, sections, read, removed, skipped, leftOut }: Adding,
  source: DocumentSource,
): Added {
  const notes = [...source.notes];
  if (skipped.length > 0) {
    const more = skipped.length > mostNamed ? ` and ${skipped.length - mostNamed} more` : "";
    notes.push(
      `left out, since they cannot be read or are larger than 8 MB: ${skipped.slice(0, mostNamed).join(", ")}${more}`,
    );
  }
  if (leftOut > 0)
    notes.push(`${leftOut} files were left out: a source ends at 200 MB or 100000 sections. Add a part of it instead`);
  return { name, location, files, sections, read, removed, notes };
}

const nothingFound = ({ location, notes }: DocumentSource): Error =>
  docsError(
    `there is no documentation in ${location}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`,
    "Markdown, HTML, reStructuredText, text, manual pages, .d.ts, and the JSON of rustdoc and TypeDoc are read",
  );
