import type { ParsedEvent } from "../protocol/model-events.ts";
import type { Repair } from "../protocol/tool-call.ts";
import { CallScanner } from "./call-scanner.ts";
import { MarkerMatcher } from "./marker-matcher.ts";
import { readCall } from "./read-call.ts";
import type { ToolFormat } from "./tool-format.ts";

/** How a call's text ended: still open, at its close marker, or where the next call opens without one. */
export type CallProgress = "open" | "closed" | "next-call";

/** Reads one call from after its open marker to its end, and says what becomes known as events. */
export class CallReader {
  readonly #id: string;
  readonly #format: ToolFormat;
  readonly #scanner = new CallScanner();
  readonly #close: MarkerMatcher;
  readonly #nextOpen: MarkerMatcher;
  readonly #raw: string[] = [];
  #started = false;

  constructor(id: string, format: ToolFormat) {
    this.#id = id;
    this.#format = format;
    this.#close = new MarkerMatcher(format.callClose);
    this.#nextOpen = new MarkerMatcher(format.callOpen);
  }

  push(unit: string): CallProgress {
    this.#raw.push(unit);
    this.#scanner.push(unit);
    if (this.#scanner.inString) {
      this.#close.reset();
      this.#nextOpen.reset();
      return "open";
    }
    if (this.#close.push(unit)) return "closed";
    return this.#nextOpen.push(unit) && this.#scanner.complete ? "next-call" : "open";
  }

  /** What has become known since the last call: the start, then argument text. */
  *news(): Generator<ParsedEvent> {
    const { name } = this.#scanner;
    if (name === undefined) return;
    if (!this.#started) yield { type: "call-start", id: this.#id, name };
    this.#started = true;
    const delta = this.#scanner.takeDelta();
    if (delta !== "") yield { type: "call-delta", id: this.#id, delta };
  }

  /** The outcome of a call that ended with `progress`, or with the reply when that is `open`. */
  *finish(progress: CallProgress, truncated: boolean): Generator<ParsedEvent> {
    yield* this.news();
    if (progress === "open" && (truncated || !this.#scanner.complete)) {
      const reason = truncated ? "the reply was cut off inside the call" : "the reply ended inside the call";
      yield this.#invalid(this.#raw.join(""), reason, truncated);
      return;
    }
    const raw = this.#body(progress);
    const call = readCall(this.#id, raw, progress === "closed" ? [] : [this.#missingClose()]);
    if (!call.ok) {
      yield this.#invalid(raw, call.error.message, false);
      return;
    }
    if (!this.#started) yield { type: "call-start", id: this.#id, name: call.value.name };
    yield { type: "call-end", call: call.value };
  }

  #body(progress: CallProgress): string {
    const raw = this.#raw.join("");
    const { callClose, callOpen } = this.#format;
    if (progress === "closed") return raw.slice(0, -callClose.length);
    if (progress === "next-call") return raw.slice(0, -callOpen.length);
    return raw.slice(0, raw.length - this.#close.held);
  }

  #missingClose(): Repair {
    return { kind: "missing-close", detail: `no ${this.#format.callClose} after a complete call` };
  }

  #invalid(raw: string, reason: string, truncated: boolean): ParsedEvent {
    return { type: "call-invalid", id: this.#id, raw, errors: [reason], truncated };
  }
}
