import type { CapabilityRecord } from "@trust-cli/core/ports";

/** What was measured of a model, a line each, for people. */
export function capabilityRows(record: CapabilityRecord | undefined): (readonly [string, string | undefined])[] {
  if (record === undefined) return [["measured", "not yet: trust model probe"]];
  const { probes, callSuccess, measuredAt, dialect, parallelCalls, reasoning } = record;
  const right = probes.filter(({ passed }) => passed).length;
  const share = Math.round(callSuccess * 100);
  return [
    ["measured", `${right} of ${probes.length} probes right (${share} %), ${measuredAt.slice(0, "2030-01-01".length)}`],
    ["writes calls as", `${dialect.id} (${dialect.origin})`],
    ["several calls", parallelCalls ? "yes" : "one at a time"],
    ["thinks aloud", reasoning ? "yes" : "no"],
  ];
}
