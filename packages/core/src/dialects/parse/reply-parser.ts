import { isControlLike } from "../format/markup.ts";
import type { ToolFormat } from "../format/tool-format.ts";
import { readCall } from "./call-parser.ts";
import type { CallSettings } from "./call-parser.ts";
import { leakAhead, leakMarkers, type LeakRules, triedLeaks } from "./leaks.ts";
import { MarkerSearch } from "./marker-search.ts";
import type { Reading, Source } from "./source.ts";
import { TextOutput } from "./text-output.ts";

/** Where a reply begins: at its start, in a thought that the prompt has just opened, within one, or within its text. */
export type ReplyStart = "reply" | "thought" | "within-thought" | "text";

export interface ReplySettings extends CallSettings {
  format: ToolFormat;
  startsIn: ReplyStart;
  /** Text of the opened thought that the prompt already holds. */
  prewritten: string;
  /** `in-text`: thoughts stay in the text, with their markers. */
  thoughts: "apart" | "in-text";
  leaks: LeakRules | undefined;
}

/** How far behind its open marker the close marker of something that is no call is looked for. */
const farthestClose = 300;

/** Reads one reply: thoughts, text and calls in any order, until the text ends. */
export class ReplyParser {
  readonly #settings: ReplySettings;
  readonly #source: Source;
  readonly #format: ToolFormat;
  readonly #output: TextOutput;
  readonly #thoughtEnd: MarkerSearch;
  readonly #callsInThought: MarkerSearch;
  readonly #markers: ReadonlyMap<string, Found>;
  readonly #search: MarkerSearch;
  /** Plain tags of thoughts, which count only before the text of a reply. */
  readonly #leading: ReadonlySet<string>;
  #leaksTried = 0;

  constructor(settings: ReplySettings) {
    const { format, source } = settings;
    this.#settings = settings;
    this.#source = source;
    this.#format = format;
    this.#output = new TextOutput(settings.emit);
    this.#markers = textMarkers(format);
    const leaks = settings.leaks === undefined ? [] : leakMarkers;
    this.#search = new MarkerSearch([...this.#markers.keys(), ...leaks]);
    this.#leading = new Set([thoughtOpen(format), thoughtClose(format)].filter((marker) => !isControlLike(marker)));
    this.#thoughtEnd = new MarkerSearch([thoughtClose(format), format.answer.open.trim()]);
    this.#callsInThought = new MarkerSearch(triggers(format));
  }

  *read(): Reading {
    const { startsIn } = this.#settings;
    if (startsIn === "within-thought") this.#output.goOnWithThought();
    if (startsIn === "thought" || startsIn === "within-thought")
      yield* this.#thought(this.#format.thought?.open ?? "", true);
    this.#output.hasText = startsIn === "text";
    while (!this.#source.done) yield* this.#text();
    this.#output.finish();
  }

  *#text(): Reading {
    const marker = yield* this.#search.find(this.#source, (text) => this.#output.text(text));
    if (marker === undefined) return;
    if (this.#output.hasText && this.#leading.has(marker)) {
      this.#output.text(this.#source.take(marker.length));
      return;
    }
    switch (this.#markers.get(marker)) {
      case "thought":
        this.#source.take(marker.length);
        return yield* this.#thought(marker, false);
      case "section":
      case "call":
      case "body":
        return yield* this.#callsOrText(marker);
      case "open-object":
        return yield* this.#bareObject();
      case "nothing":
        this.#source.take(marker.length);
        return this.#output.forgetBlanks();
      case "turn":
        return yield* this.#turnMarker(marker);
      case undefined:
        return yield* this.#leak(marker);
    }
  }

  /**
   * A thought ends at its close marker, at the marker of the answer, or with the reply. A call inside it counts only
   * when the whole reply never closes it: some models forget to, but what closes was merely thought about.
   */
  *#thought(open: string, opened: boolean): Reading {
    const keeps = this.#settings.thoughts === "in-text";
    const { thought } = this.#format;
    const lead = opened ? (thought?.open.trimStart() ?? open) : open;
    this.#output.beginThought(keeps, lead, opened ? this.#settings.prewritten : "");
    const end = new MarkerSearch([
      thoughtClose(this.#format),
      this.#format.answer.open.trim(),
      ...triggers(this.#format),
    ]);
    while (true) {
      const marker = yield* end.find(this.#source, (text) => this.#output.thought(text));
      const isTrigger = marker !== undefined && this.#isTrigger(marker);
      if (marker !== undefined && isTrigger && (yield* this.#closesLater())) {
        this.#output.thought(this.#source.take(marker.length));
        continue;
      }
      if (marker === thoughtClose(this.#format) && marker !== undefined) {
        this.#source.take(marker.length);
        this.#output.endThought(marker);
      } else this.#output.endThought("");
      return;
    }
  }

  #isTrigger(marker: string): boolean {
    return this.#callsInThought.has(marker) && marker !== thoughtClose(this.#format);
  }

  *#closesLater(): Reading<boolean> {
    const closes = (yield* this.#thoughtEnd.lookFor(this.#source, 0)) !== undefined;
    return closes || this.#source.truncated;
  }

  /** A marker of calls opens calls only where what follows can be one: people and models also write about tags. */
  *#callsOrText(marker: string): Reading {
    const kind = this.#markers.get(marker);
    const isText = !isControlLike(marker) && (this.#output.inCode || !(yield* this.#looksLikeCall(marker)));
    if (isText) return yield* this.#leak(marker);
    const { calls } = this.#format;
    if (calls === undefined) return;
    this.#output.beforeCalls(kind === "body" ? "" : calls.lead);
    yield* this.#calls();
  }

  *#looksLikeCall(marker: string): Reading<boolean> {
    const offset = marker.length + (yield* this.#source.blanksAhead(marker.length));
    const next = yield* this.#source.peek(offset);
    if (next === "" || (yield* this.#beginsCall(marker, offset, next))) return true;
    if ("`'\")".includes(next)) return false;
    return yield* this.#closesSoon(offset);
  }

  // oxlint-disable-next-line max-params -- what comes next, and where
  *#beginsCall(marker: string, offset: number, next: string): Reading<boolean> {
    const { calls } = this.#format;
    switch (calls?.body.kind) {
      case "json":
      case "keyed":
        return next === "{" || next === "[" || (yield* this.#source.endOf(calls.open, offset)) !== undefined;
      case "tagged": {
        if (calls.body.nameOpen.trim() === marker) return /[\w.-]/.test(next);
        const inner = [calls.open, calls.body.nameOpen].filter((text) => text.trim() !== "" && text.trim() !== marker);
        for (const text of inner) if ((yield* this.#source.endOf(text, offset)) !== undefined) return true;
        return inner.length === 0 && /[\w.-]/.test(next);
      }
      default:
        return /[\w.[<{-]/.test(next);
    }
  }

  /** Whatever stands between both markers of a call is meant as one. */
  *#closesSoon(offset: number): Reading<boolean> {
    const close = this.#format.calls?.close.trim() ?? "";
    if (close === "") return false;
    const source = this.#source;
    while (true) {
      const near = source.text.slice(source.at + offset, source.at + offset + farthestClose);
      if (near.includes(close)) return true;
      if (source.ended || near.length === farthestClose) return false;
      yield;
    }
  }

  *#calls(): Reading {
    const { calls } = this.#format;
    if (calls === undefined) return;
    const source = this.#source;
    yield* source.acceptLoose(calls.sectionOpen);
    if (calls.list) yield* source.acceptLoose("[");
    do {
      yield* source.acceptLoose(calls.open);
      yield* readCall(this.#settings, calls);
    } while (yield* this.#another());
    if (calls.list) yield* source.acceptLoose("]");
    if (!(yield* source.acceptLoose(calls.sectionClose))) yield* source.acceptLoose(calls.close);
    this.#output.afterCalls();
  }

  *#another(): Reading<boolean> {
    const { calls } = this.#format;
    if (calls === undefined) return false;
    const source = this.#source;
    if (calls.list && (yield* source.acceptLoose(","))) return true;
    if ((yield* source.endOf(calls.open)) !== undefined) return true;
    if (calls.sectionOpen.trim() === "" || calls.open.trim() !== "" || calls.list) return false;
    if ((yield* source.endOf(calls.sectionClose)) !== undefined) return false;
    yield* source.blanks();
    return calls.body.kind === "tagged"
      ? (yield* source.endOf(calls.body.nameOpen)) !== undefined
      : (yield* source.peek()) === "{";
  }

  /** A family without a marker begins its calls with a bare `{`: only a whole call that fits a tool is one. */
  *#bareObject(): Reading {
    const { calls } = this.#format;
    if (this.#output.hasText || calls === undefined) return yield* this.#leak("{");
    const name = yield* nameAhead(this.#source);
    if (name === undefined || !this.#settings.tools.has(name)) return yield* this.#leak("{");
    yield* this.#calls();
  }

  /** A marker that looks like a tag of text ends or begins a turn only where the reply does. */
  *#turnMarker(marker: string): Reading {
    const blanks = yield* this.#source.blanksAhead(marker.length);
    const isEnd = (yield* this.#source.peek(marker.length + blanks)) === "";
    if (!this.#output.hasText || isEnd) this.#source.take(marker.length);
    else this.#output.text(this.#source.take(marker.length));
  }

  /** A marker of another family: a call that was printed as text, or text. */
  *#leak(marker: string): Reading {
    const { leaks, emit, nextCallId } = this.#settings;
    const found =
      leaks !== undefined && this.#leaksTried < triedLeaks && leakMarkers.includes(marker) && this.#output.atPlainLine
        ? yield* leakAhead(this.#source, marker, leaks)
        : undefined;
    if (found === undefined) {
      if (leakMarkers.includes(marker) && this.#output.atPlainLine) this.#leaksTried++;
      return this.#output.text(this.#source.take(marker.length));
    }
    const raw = this.#source.take(found.length);
    this.#output.beforeCalls("\n");
    for (const { name, args, repairs } of found.calls) {
      const id = nextCallId();
      emit({ type: "call-start", id, name });
      emit({ type: "call-delta", id, delta: JSON.stringify(args) });
      emit({ type: "call-end", call: { id, name, args, raw, via: "leak", repairs } });
    }
    this.#output.afterCalls();
  }
}

type Found = "thought" | "section" | "call" | "body" | "open-object" | "nothing" | "turn";

const thoughtOpen = ({ thought }: ToolFormat): string => thought?.open.trim() ?? "";
const thoughtClose = ({ thought }: ToolFormat): string => thought?.close.trim() ?? "";

function textMarkers(format: ToolFormat): Map<string, Found> {
  const markers = new Map<string, Found>();
  const add = (marker: string, found: Found): void => {
    const core = marker.trim();
    if (core !== "" && !markers.has(core)) markers.set(core, found);
  };
  const { calls } = format;
  if (calls !== undefined) {
    add(calls.sectionOpen, "section");
    add(calls.open, "call");
    if (calls.body.kind === "tagged") add(calls.body.nameOpen, "body");
    if (calls.sectionOpen.trim() === "" && calls.open.trim() === "") add("{", "open-object");
  }
  add(format.thought?.open ?? "", "thought");
  for (const marker of [format.answer.open, format.answer.close, format.thought?.close ?? ""]) add(marker, "nothing");
  for (const marker of format.turnMarkers) add(marker, tokenLike.test(marker.trim()) ? "nothing" : "turn");
  return markers;
}

/** `<|…|>` and the like, which are tokens of their own and never words. */
const tokenLike = /^<[|｜].*[|｜]>$|^<[|｜].*>$|^<.*[|｜]>$/su;

function triggers(format: ToolFormat): string[] {
  return [...textMarkers(format)].filter(([, found]) => found === "section" || found === "call").map(([text]) => text);
}

/** The `name` of an object that comes next, wherever it stands in it; takes nothing. */
function* nameAhead(source: Source): Reading<string | undefined> {
  const head = /^\{\s*"(?:name|tool_name|function)"\s*:\s*"([^"\\]*)"\s*,\s*"(?:parameters|arguments)"/;
  for (let length = 1; length <= 400; length++) {
    if ((yield* source.peek(length)) === "") return undefined;
    const match = head.exec(source.text.slice(source.at, source.at + length + 1));
    if (match !== null) return match[1];
  }
  return undefined;
}
