import { randomUUID } from "node:crypto";
import { closeSync, openSync, write, writeSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { promisify } from "node:util";

import { TrustError } from "../protocol/errors.ts";
import { quoted } from "./quoted.ts";
import { storeError } from "./store/files.ts";
import type { TarEntry } from "./tar/header.ts";
import type { TarEvent } from "./tar/read.ts";

interface Staged {
  name: string;
  isFolder: boolean;
  layer: string;
}

/**
 * Files on their way out of a kit, in a folder of their own. Refuses names that leave it and names that would be one
 * file on some system: the same, or the same but for the case of letters or the form of Unicode.
 */
export class Staging {
  readonly folder: string;
  readonly #staged = new Map<string, Staged>();
  #open: { file: number; path: string; position: number; twin: string | undefined } | undefined;

  #lastFolder: string | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Names of files and folders relative to the folder, folders before what they hold. */
  get entries(): readonly Staged[] {
    return [...this.#staged.values()];
  }

  /** Takes one event of the archive of a layer; `wanted` says which files. */
  async take(event: TarEvent, layer: string, wanted: (name: string) => boolean): Promise<void> {
    if (event.type === "entry") await this.#begin(event.entry, layer, wanted);
    else if (event.type === "data") await this.#write(event.bytes);
    else await this.#end();
  }

  /** Writes a whole file that is in no archive. */
  async writeText(name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#begin({ name, mode: 0o644, size: bytes.length, isFolder: false }, "Kitfile", () => true);
    await this.#write(bytes);
    await this.#end();
  }

  /** Closes what an error left open. */
  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.file);
    this.#open = undefined;
  }

  async #begin(entry: TarEntry, layer: string, wanted: (name: string) => boolean): Promise<void> {
    const name = safeName(entry.name);
    if (name === "." && entry.isFolder) return;
    if (name === ".") throw unsafe(entry.name, "it is no name");
    if (!wanted(name)) return;
    const isTwin = this.#claim(name, entry.isFolder, layer);
    const path = join(this.folder, name);
    try {
      if (entry.isFolder) {
        await mkdir(path, { recursive: true, mode: (entry.mode & 0o777) | 0o700 });
        return;
      }
      await this.#makeFolder(dirname(path));
      const written = isTwin ? join(this.folder, `.twin-${randomUUID()}`) : path;
      const file = openSync(written, "wx", (entry.mode & 0o777) | 0o600);
      this.#open = { file, path: written, position: 0, twin: isTwin ? path : undefined };
    } catch (cause) {
      throw storeError(path, cause);
    }
  }

  async #makeFolder(path: string): Promise<void> {
    if (path === this.#lastFolder) return;
    await mkdir(path, { recursive: true });
    this.#lastFolder = path;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#open === undefined) return;
    try {
      await writePiece(this.#open.file, bytes, this.#open.position);
    } catch (cause) {
      throw storeError(this.#open.path, cause);
    }
    this.#open.position += bytes.length;
  }

  async #end(): Promise<void> {
    const ended = this.#open;
    this.#open = undefined;
    if (ended !== undefined) closeSync(ended.file);
    if (ended?.twin === undefined) return;
    if (!(await haveSameBytes(ended.path, ended.twin))) {
      throw unsafe(ended.twin.slice(this.folder.length + 1), "two layers have it with different content");
    }
    await rm(ended.path);
  }

  /** Older kits have a file in two layers; that is fine as long as it is the same. Tells whether it is there already. */
  #claim(name: string, isFolder: boolean, layer: string): boolean {
    for (let parent = posix.dirname(name); parent !== "."; parent = posix.dirname(parent)) {
      this.#claimOne(parent, true, layer);
    }
    return this.#claimOne(name, isFolder, layer);
  }

  #claimOne(name: string, isFolder: boolean, layer: string): boolean {
    const key = name.normalize("NFC").toLowerCase();
    const other = this.#staged.get(key);
    if (other === undefined) {
      this.#staged.set(key, { name, isFolder, layer });
      return false;
    }
    if (other.name !== name) throw unsafe(name, `${quoted(other.name)} is the same file on some systems`);
    if (other.isFolder !== isFolder) throw unsafe(name, "it is both a file and a folder");
    if (isFolder) return false;
    if (other.layer === layer) throw unsafe(name, "it is there twice");
    return true;
  }
}

const smallPiece = 64 * 1024;
const writeInBackground = promisify(write);

/** Small pieces at once: for thousands of small files waiting would cost more than writing. */
async function writePiece(file: number, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const left = bytes.length - done;
    if (left <= smallPiece) done += writeSync(file, bytes, done, left, position + done);
    else done += (await writeInBackground(file, bytes, done, left, position + done)).bytesWritten;
  }
}

const reservedOnWindows = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Bytes that file systems take, of a whole name and of what is between slashes. */
const longestName = 4096;
const longestPart = 255;

function safeName(name: string): string {
  if (Buffer.byteLength(name) > longestName) throw unsafe(name, "it is too long");
  const parts = name.split("/");
  if (parts.some((part) => Buffer.byteLength(part) > longestPart)) throw unsafe(name, "it is too long");
  if (name === "" || name.includes("\0")) throw unsafe(name, "it is no name");
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name)) throw unsafe(name, "it is absolute");
  if (parts.includes("..")) throw unsafe(name, "it leads out of its folder");
  const isBad = (part: string): boolean =>
    /[\\:<>"|?*]/.test(part) || /[. ]$/.test(part) || reservedOnWindows.test(part);
  if (process.platform === "win32" && parts.some((part) => part !== "." && isBad(part))) {
    throw unsafe(name, "Windows cannot have it");
  }
  return posix.normalize(name).replace(/(?<=.)\/$/, "");
}

function unsafe(name: string, why: string): TrustError {
  return new TrustError("KIT_INVALID", `the kit holds ${quoted(name)}, which is refused: ${why}`);
}

const compareSize = 2 ** 20;

async function haveSameBytes(first: string, second: string): Promise<boolean> {
  await using a = await open(first, "r");
  await using b = await open(second, "r");
  const [left, right] = [Buffer.allocUnsafe(compareSize), Buffer.allocUnsafe(compareSize)];
  if ((await a.stat()).size !== (await b.stat()).size) return false;
  while (true) {
    const { bytesRead } = await a.read(left, 0, compareSize);
    const other = await b.read(right, 0, compareSize);
    if (other.bytesRead !== bytesRead) return false;
    if (bytesRead === 0) return true;
    if (!left.subarray(0, bytesRead).equals(right.subarray(0, bytesRead))) return false;
  }
}
