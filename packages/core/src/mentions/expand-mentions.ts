import type { Attachment } from "../protocol/messages.ts";
import { type Mention, type MentionedLines, type MentionKeyword, parseMentions } from "./parse-mentions.ts";

/** Where what a person points at is found. What cannot be had is undefined, with `why` said by who asks. */
export interface MentionSources {
  kindOf(path: string): Promise<"file" | "directory" | "missing">;
  /** A file as the model's own tool shows it, or why it cannot be shown. */
  read(path: string, lines: MentionedLines | undefined): Promise<{ text: string } | { why: string }>;
  /** The files that a pattern means, the nearest first. */
  files(pattern: string): Promise<readonly string[]>;
  /** Where a symbol is defined. */
  places(symbol: string): Promise<readonly { path: string; lines: MentionedLines }[]>;
  /** Empty for nothing. */
  keyword(name: MentionKeyword): Promise<{ text: string } | { why: string }>;
}

/** What becomes of one mention: what goes along with the message, or why nothing does. */
export interface MentionNote {
  raw: string;
  /** Of what is attached. */
  characters: number;
  /** What was left out, or why nothing is attached. */
  note?: string;
}

export interface Expansion {
  attached: Attachment[];
  notes: MentionNote[];
}

/** Of one pattern or folder. */
const mostFiles = 200;
const mostPlaces = 3;

/**
 * The text of everything that a message points at with `@`, at most `room` characters of it. What does not fit is
 * named, so that the model can look for itself.
 */
export async function expandMentions(text: string, sources: MentionSources, room: number): Promise<Expansion> {
  const expansion: Expansion = { attached: [], notes: [] };
  let left = room;
  for (const mention of parseMentions(text)) {
    const { attached, note } = await expand(mention, sources, left);
    const characters = attached.reduce((sum, one) => sum + one.text.length, 0);
    left -= characters;
    expansion.attached.push(...attached);
    expansion.notes.push({ raw: mention.raw, characters, ...(note === undefined ? {} : { note }) });
  }
  return expansion;
}

interface Expanded {
  attached: Attachment[];
  note?: string;
}

const without = (note: string): Expanded => ({ attached: [], note });

async function expand(mention: Mention, sources: MentionSources, room: number): Promise<Expanded> {
  if (mention.kind === "keyword") {
    const found = await sources.keyword(mention.keyword);
    if ("why" in found) return without(found.why);
    return cutTo(room, { source: titles[mention.keyword], text: found.text });
  }
  const { place, lines } = mention;
  const kind = await sources.kindOf(place);
  if (kind === "file") return await expandFile({ path: place, lines }, sources, room);
  if (kind === "directory") return await expandFiles(below(place), sources, room);
  if (/[*?{]/.test(place)) return await expandFiles(place, sources, room);
  return await expandSymbol(place, sources, room);
}

const below = (folder: string): string => (/^(\.\/*)+$/.test(folder) ? "**" : `${folder.replace(/\/+$/, "")}/**`);

const titles: Record<MentionKeyword, string> = {
  diff: "what differs from the last commit",
  staged: "what is staged",
  problems: "problems that the checks found",
  terminal: "the last command and what it printed",
};

interface FilePart {
  path: string;
  lines: MentionedLines | undefined;
}

async function expandFile({ path, lines }: FilePart, sources: MentionSources, room: number): Promise<Expanded> {
  const read = await sources.read(path, lines);
  if ("why" in read) return without(read.why);
  const range = lines === undefined ? "" : `, lines ${lines.from} to ${lines.to}`;
  return cutTo(room, { source: path + range, text: read.text });
}

/** Whole files as long as they fit; the others by name. */
async function expandFiles(pattern: string, sources: MentionSources, room: number): Promise<Expanded> {
  const all = await sources.files(pattern);
  if (all.length === 0) return without("no such files");
  const attached: Attachment[] = [];
  const named: string[] = [];
  let left = room - pattern.length;
  for (const path of all.slice(0, mostFiles)) {
    const read = named.length > 0 ? { why: "" } : await sources.read(path, undefined);
    const fits = "text" in read && read.text.length + path.length < left;
    if (fits) attached.push({ source: path, text: read.text });
    else named.push(path);
    left -= path.length + (fits ? read.text.length : 1);
  }
  const more = all.length > mostFiles ? [`... ${all.length - mostFiles} more`] : [];
  if (named.length + more.length === 0) return { attached };
  const listing = cutTo(room, { source: `${pattern}, only named`, text: [...named, ...more].join("\n") });
  const count = all.length - attached.length;
  return { attached: [...attached, ...listing.attached], note: `${count} of ${all.length} files only named` };
}

async function expandSymbol(symbol: string, sources: MentionSources, room: number): Promise<Expanded> {
  const places = /^[\p{L}_$][\p{L}\p{N}_$.]*$/u.test(symbol) ? await sources.places(symbol) : [];
  if (places.length === 0) return without("no such file, folder or symbol: sent as it stands");
  const attached: Attachment[] = [];
  let left = room;
  for (const place of places.slice(0, mostPlaces)) {
    const part = await expandFile(place, sources, left);
    left -= part.attached.reduce((sum, { text }) => sum + text.length, 0);
    attached.push(...part.attached);
  }
  const more = places.length - mostPlaces;
  return { attached, ...(more > 0 ? { note: `${more} more places are called so` } : {}) };
}

const leastRoom = 200;

/** Whole lines from the beginning. */
function cutTo(room: number, { source, text }: Attachment): Expanded {
  if (text.trim() === "") return without("there is nothing");
  if (text.length <= room) return { attached: [{ source, text }] };
  if (room < leastRoom) return without("left out: what may go along with one message is used up");
  const kept = text.slice(0, Math.max(text.lastIndexOf("\n", room), 0)) || text.slice(0, room);
  const left = text.slice(kept.length).split("\n").length - 1;
  const note = `the last ${left} lines are left out`;
  return { attached: [{ source, text: `${kept}\n(${note}: there is no room for them)` }], note };
}
