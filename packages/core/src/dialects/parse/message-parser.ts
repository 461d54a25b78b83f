import type { CallFormat, MessageFormat } from "../format/tool-format.ts";
import { readCall } from "./call-parser.ts";
import { MarkerSearch } from "./marker-search.ts";
import type { ReplySettings } from "./reply-parser.ts";
import type { Reading, Source } from "./source.ts";
import { TextOutput } from "./text-output.ts";

/** Reads a reply that is a row of addressed messages: thoughts, text and calls, each behind its header. */
export class MessageParser {
  readonly #settings: ReplySettings;
  readonly #messages: MessageFormat;
  readonly #source: Source;
  readonly #output: TextOutput;
  readonly #ends: MarkerSearch;

  constructor(settings: ReplySettings, messages: MessageFormat) {
    this.#settings = settings;
    this.#messages = messages;
    this.#source = settings.source;
    this.#output = new TextOutput(settings.emit);
    this.#ends = new MarkerSearch([...messages.messageClose, messages.messageOpen].map((marker) => marker.trim()));
  }

  *read(): Reading {
    const { startsIn } = this.#settings;
    if (startsIn === "within-thought") this.#output.goOnWithThought();
    if (startsIn === "thought" || startsIn === "within-thought") yield* this.#thought("");
    if (startsIn === "text") yield* this.#body((text) => this.#output.text(text));
    while (!this.#source.done) yield* this.#message();
    this.#output.finish();
  }

  *#message(): Reading {
    yield* this.#source.acceptLoose(this.#messages.messageOpen);
    let header = "";
    const found = yield* new MarkerSearch([this.#messages.headerClose]).find(this.#source, (text) => {
      header += text;
    });
    // A reply that does not follow the form is an answer all the same.
    if (found === undefined) return this.#output.text(header);
    this.#source.take(found.length);
    const name = new RegExp(this.#messages.call, "s").exec(header)?.[1];
    const isPlain = this.#messages.headerClose.trim() === "";
    if (name !== undefined && (!isPlain || this.#settings.tools.has(name))) return yield* this.#call(name);
    if (isPlain && header !== this.#messages.textHeader.trim()) this.#output.text(`${header}${found}`);
    if (new RegExp(this.#messages.foreign, "s").test(header)) return yield* this.#skip();
    if (new RegExp(this.#messages.thought, "s").test(header)) return yield* this.#thought(`${header}${found}`);
    yield* this.#body((text) => this.#output.text(text));
  }

  *#thought(open: string): Reading {
    this.#output.beginThought(this.#settings.thoughts === "in-text", open, "");
    const close = yield* this.#body((text) => this.#output.thought(text));
    this.#output.endThought(close);
  }

  /** Passes a message's body on, and takes the marker that ends it. */
  *#body(emit: (text: string) => void): Reading<string> {
    const end = yield* this.#ends.find(this.#source, emit);
    return end === undefined || end === this.#messages.messageOpen.trim() ? "" : this.#source.take(end.length);
  }

  *#call(name: string): Reading {
    const { callBody, messageClose } = this.#messages;
    if (callBody !== "arguments") {
      const { calls } = this.#settings.format;
      if (calls === undefined) return;
      yield* this.#source.acceptLoose(calls.sectionOpen);
      yield* this.#source.acceptLoose(calls.open);
      yield* readCall(this.#settings, calls);
      yield* this.#source.acceptLoose(calls.sectionClose);
    } else yield* readCall(this.#settings, argumentsOnly(name, messageClose[0] ?? ""));
    yield* this.#skip();
  }

  *#skip(): Reading {
    yield* this.#body(() => {});
  }
}

/** A call whose name stood in the header: its body is the arguments alone. */
const argumentsOnly = (name: string, close: string): CallFormat => ({
  lead: "",
  sectionOpen: "",
  sectionClose: "",
  open: "",
  close,
  separator: "",
  list: false,
  body: { kind: "arguments", name },
});
