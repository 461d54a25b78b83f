import type { CapabilityRecord, DialectChange } from "@trust-cli/core/ports";

export type Row = readonly [string, string | undefined];

/** What was measured of a model, a line each, for people. */
export function capabilityRows(record: CapabilityRecord | undefined): Row[] {
  if (record === undefined) return [["measured", "not yet: trust model probe"]];
  const { probes, callSuccess, measuredAt, dialect, parallelCalls, reasoning, resultCharacters } = record;
  const right = probes.filter(({ passed }) => passed).length;
  const share = Math.round(callSuccess * 100);
  return [
    ["measured", `${right} of ${probes.length} probes right (${share} %), ${measuredAt.slice(0, "2030-01-01".length)}`],
    ["writes calls as", `${dialect.id} (${dialect.origin})`],
    ["several calls", parallelCalls ? "yes" : "one at a time"],
    ["reads results", resultCharacters === undefined ? undefined : `of up to ${resultCharacters} characters`],
    ["thinks aloud", reasoning ? "yes" : "no"],
  ];
}

/** That the model failed with its own way of writing calls, and when. */
export function downgradeRows(change: DialectChange | undefined): Row[] {
  if (change === undefined) return [];
  const day = change.at.slice(0, "2030-01-01".length);
  return [["moved", `from ${change.from} to ${change.to} for a session, ${day}: its calls could not be used`]];
}
