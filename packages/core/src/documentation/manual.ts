import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

import { entriesOf, readBounded } from "./folder.ts";
import { similarNames } from "./names.ts";
import type { DocumentPlace } from "./place.ts";
import { type DocumentSource, docsError, limits } from "./source.ts";

interface Page {
  name: string;
  section: string;
  file: string;
}

const mostRedirects = 4;

/** A page of the manual by `NAME` or `NAME.SECTION`; without a section all pages of that name. No program is run. */
export function manualSource(written: string, place: DocumentPlace): DocumentSource {
  const folders = manualFolders(place);
  const pages = pagesOf(written, folders);
  if (pages.length === 0) throw missing(written, folders);
  return {
    name: written,
    origin: `man:${written}`,
    location: pages.map(({ file }) => file).join(", "),
    files: () =>
      pages.map(({ name, section, file }) => ({
        path: `${name}.${section}`,
        read: () => Promise.resolve(readPage(file, folders)),
      })),
    notes: [],
  };
}

/** The name may have dots itself: `git-config.1`, but also `resolv.conf`. */
function pagesOf(written: string, folders: readonly string[]): Page[] {
  const [, name = written, section] = /^(.+)\.([1-9][a-z]{0,6})$/.exec(written) ?? [];
  const all = allPages(folders, section?.slice(0, 1));
  const whole = all.filter((page) => page.name === written);
  const found =
    section === undefined || whole.length > 0
      ? whole
      : all.filter((page) => page.name === name && page.section === section);
  return [...new Map(found.toReversed().map((page) => [`${page.name}.${page.section}`, page])).values()].sort((a, b) =>
    a.section < b.section ? -1 : 1,
  );
}

function allPages(folders: readonly string[], only?: string): Page[] {
  const pages: Page[] = [];
  for (const folder of folders) {
    for (const { name: section } of entriesOf(folder)) {
      if (!/^man[1-9]/.test(section) || (only !== undefined && section[3] !== only)) continue;
      for (const { name: file } of entriesOf(join(folder, section))) {
        const [, name, of] = /^(.+)\.([1-9][a-z]{0,6})(?:\.gz)?$/i.exec(file) ?? [];
        if (name !== undefined && of !== undefined)
          pages.push({ name, section: of, file: join(folder, section, file) });
      }
    }
  }
  return pages;
}

/** MANPATH, where an empty part stands for the usual folders; these go with the programs in PATH. */
function manualFolders({ environment }: DocumentPlace): string[] {
  const programs = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const besides = programs.flatMap((folder) => [join(dirname(folder), "share", "man"), join(dirname(folder), "man")]);
  const usual = [...besides, "/usr/local/share/man", "/usr/local/man", "/usr/share/man"];
  const set = environment["MANPATH"];
  const parts =
    set === undefined || set === "" ? usual : set.split(delimiter).flatMap((part) => (part === "" ? usual : [part]));
  return [...new Set(parts)].filter((folder) => existsSync(folder));
}

/** A page may be one line that names another page. */
function readPage(file: string, folders: readonly string[]): Buffer | undefined {
  let current = file;
  for (let count = 0; count < mostRedirects; count++) {
    const bytes = unpacked(current);
    const target = /^\.so\s+(\S+)\s*$/m.exec(bytes?.subarray(0, 1000).toString("utf8") ?? "")?.[1];
    if (bytes === undefined || target === undefined || bytes.length > 1000) return bytes;
    const next = targetOf(target, folders);
    if (next === undefined) return bytes;
    current = next;
  }
  return undefined;
}

function targetOf(target: string, folders: readonly string[]): string | undefined {
  if (target.startsWith("/") || target.split("/").includes("..")) return undefined;
  const files = folders.flatMap((folder) => [join(folder, target), join(folder, `${target}.gz`)]);
  return files.find((file) => existsSync(file));
}

function unpacked(file: string): Buffer | undefined {
  const bytes = readBounded(file);
  if (bytes === undefined || !file.endsWith(".gz")) return bytes;
  return gunzip(bytes);
}

/** Undefined when it is damaged, or larger than a file may be. */
export function gunzip(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.fileBytes });
  } catch {
    return undefined;
  }
}

function missing(written: string, folders: readonly string[]): Error {
  const names = allPages(folders).map(({ name }) => name);
  const similar = similarNames(written.replace(/\.[1-9][a-z]*$/, ""), names);
  const looked = folders.length === 0 ? "this machine has no manual" : `looked in ${folders.join(", ")}`;
  const hint =
    similar.length === 0
      ? "a page is also read from its file: trust docs add PATH"
      : `did you mean ${similar.map((name) => `man:${name}`).join(", ")}?`;
  return docsError(`no page ${written} in the manual: ${looked}`, hint);
}
