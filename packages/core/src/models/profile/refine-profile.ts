import type { CapabilityRecord } from "../../ports/capability.ts";
import type { ScaffoldProfile } from "../../ports/scaffold.ts";

/** A model that does less than this share of the probes right needs help with its calls. */
const reliableShare = 0.8;

/** The profile for a model of which more is known than its size. */
export function refineProfile(profile: ScaffoldProfile, record: CapabilityRecord | undefined): ScaffoldProfile {
  if (record === undefined) return profile;
  const { callSuccess, resultCharacters = Infinity } = record;
  const read = { ...profile, resultBytes: Math.min(profile.resultBytes, resultCharacters) };
  if (callSuccess >= reliableShare) return read;
  return { ...read, callsPerStep: 1, constrainedCalls: true, grounded: true, coreToolsOnly: true };
}
