import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";

import { archiveNames, archiveSource } from "./archive.ts";
import { filesOf, readBounded } from "./folder.ts";
import { isDocument } from "./formats/index.ts";
import { gunzip, manualSource } from "./manual.ts";
import { packageSource } from "./packages/index.ts";
import { type DocumentPlace, homeOf } from "./place.ts";
import { type DocumentSource, docsError } from "./source.ts";

/** What `package:NAME`, `man:NAME`, an archive, a file or a folder means here. Throws INPUT_INVALID when there is none. */
export function resolveSource(written: string, place: DocumentPlace): DocumentSource {
  if (written.trim() === "") throw docsError("an empty name is no source", "write a path, package:NAME or man:NAME");
  const [, scheme, name = ""] = /^(package|man):(.*)$/.exec(written) ?? [];
  if (scheme !== undefined && name.trim() === "") throw docsError(`${written} names nothing`, `write ${scheme}:NAME`);
  if (scheme === "package") return packageSource(name, place);
  return scheme === "man" ? manualSource(name, place) : pathSource(written, place);
}

function pathSource(written: string, place: DocumentPlace): DocumentSource {
  const path = written.startsWith("~/") ? join(homeOf(place), written.slice(2)) : written;
  const file = isAbsolute(path) ? path : resolve(place.root, path);
  if (!existsSync(file)) {
    throw docsError(
      `there is no file or folder ${written}`,
      `for what is installed: trust docs add package:${basename(file)}, or man:${basename(file)}`,
    );
  }
  const real = realpathSync.native(file);
  if (statSync(real).isDirectory()) return folderSource(real);
  return archiveNames.test(real) ? archiveSource(real) : fileSource(real);
}

function folderSource(folder: string): DocumentSource {
  const notes: string[] = [];
  return {
    name: basename(folder),
    origin: folder,
    location: folder,
    files: () => filesOf(folder, { takes: isDocument }, notes),
    notes,
  };
}

function fileSource(file: string): DocumentSource {
  const read = (): Promise<Buffer | undefined> => {
    const bytes = readBounded(file);
    return Promise.resolve(bytes !== undefined && file.endsWith(".gz") ? gunzip(bytes) : bytes);
  };
  return {
    name: basename(file),
    origin: file,
    location: file,
    files: () => [{ path: basename(file), read }],
    notes: [],
  };
}
