/** A call that was run, or would have been: `key` is the same for the same call with the same result. */
export interface Trace {
  key: string;
  tool: string;
  outcome: "ok" | "failed";
  /** It may have changed what other calls give. */
  isChange: boolean;
}

const cycle = { shortest: 2, longest: 4, times: 3 };
const toleratedFailures = 8;
const sameText = { times: 3, shortest: 40 };

/** The same few calls with the same results, over and over: A B A B A B. */
export function endsInCycle(keys: readonly string[]): boolean {
  for (let length = cycle.shortest; length <= cycle.longest; length++) {
    const tail = keys.slice(-length * cycle.times);
    if (tail.length === length * cycle.times && tail.every((key, index) => key === tail[index % length])) return true;
  }
  return false;
}

/** One tool fails again and again, whatever the arguments, and nothing was changed in between. */
export function thrashes(traces: readonly Trace[]): boolean {
  const tool = traces.at(-1)?.tool;
  const since = traces.findLastIndex((trace) => trace.outcome === "ok" && (trace.tool === tool || trace.isChange));
  return traces.slice(since + 1).filter((trace) => trace.tool === tool).length >= toleratedFailures;
}

/** The last replies all say one and the same, and more than a word or two. */
export function saysTheSame(texts: readonly string[]): boolean {
  const last = texts.slice(-sameText.times);
  const [first = ""] = last;
  return last.length === sameText.times && first.length >= sameText.shortest && last.every((text) => text === first);
}

const circles = { tail: 240, longestUnit: 60 };

/** A text ends with one and the same words over and over. */
export function runsInCircles(text: string): boolean {
  const tail = text.slice(-circles.tail);
  if (tail.length < circles.tail) return false;
  for (let unit = 1; unit <= circles.longestUnit; unit++) {
    if (tail.slice(unit) === tail.slice(0, -unit)) return true;
  }
  return false;
}
