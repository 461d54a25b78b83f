import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { heldTail, StopFilter } from "../../../src/models/llama/host/stop-filter.ts";

/** What a filter shows of a text that arrives in pieces. */
function shown(pieces: readonly string[], stops: readonly string[]): string {
  const filter = new StopFilter(stops);
  let text = "";
  for (const piece of pieces) {
    text += filter.push(piece);
    if (filter.stopped) return text;
  }
  return text + filter.flush();
}

const alphabet = fc.constantFrom("a", "b", "<", "/", ">", "é", "\n");
const text = fc.array(alphabet, { maxLength: 40 }).map((letters) => letters.join(""));

describe("stop texts", () => {
  test("end the reply and never appear, not even in part", () => {
    expect(shown(["hello <", "/s> rest"], ["</s>"])).toBe("hello ");
  });

  test("hold back only what could still become a stop text", () => {
    const filter = new StopFilter(["</s>"]);
    expect(filter.push("a <")).toBe("a ");
    expect(filter.push("b")).toBe("<b");
  });

  test("the earliest of several wins", () => {
    expect(shown(["one STOP two END"], ["END", "STOP"])).toBe("one ");
  });

  test("however the text is split, the same is shown as for the whole", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
        const places = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
        const stops = ["</a>", "ab<"];
        expect(shown(pieces, stops)).toBe(shown([whole], stops));
      }),
    );
  });

  test("a held tail is the longest end that begins a marker", () => {
    fc.assert(
      fc.property(text, (value) => {
        const markers = ["<a/>", "<<b"];
        const length = heldTail(value, markers);
        const tails = markers.flatMap((marker) => Array.from(marker, (_, index) => marker.slice(0, index)));
        const best = Math.max(0, ...tails.filter((tail) => value.endsWith(tail)).map((tail) => tail.length));
        expect(length).toBe(best);
      }),
    );
  });
});
