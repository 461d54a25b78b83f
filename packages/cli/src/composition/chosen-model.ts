import type { CapabilityRecord, ModelPort, ScaffoldProfile } from "@trust-cli/core/ports";

/** A model that can be asked, with the way the engine treats it. */
export interface ChosenModel {
  readonly id: string;
  readonly port: ModelPort;
  /** By the model's size; once it was looked up, also by what was measured of the model. */
  readonly profile: ScaffoldProfile;
  /** What was measured of the model: looked up once, and undefined when nothing was or it cannot be told. */
  capability(signal: AbortSignal): Promise<CapabilityRecord | undefined>;
  /** A few words for the first screen, such as "12 MB, built in". */
  readonly note: string;
  /** Its address is this machine; what a server there does with text only `describe` can tell. */
  readonly local: boolean;
  /** What `describe` last told the person to know of it. */
  readonly notes: () => readonly string[];
}

/** A port that remembers what it last told a person to know. */
export function keepingNotes(port: ModelPort): Pick<ChosenModel, "port" | "notes"> {
  let notes: readonly string[] = [];
  return {
    notes: () => notes,
    port: {
      async describe(signal, onLoad) {
        const info = await port.describe(signal, onLoad);
        notes = info.notes ?? [];
        return info;
      },
      countTokens: (prompt, signal) => port.countTokens(prompt, signal),
      stream: (request, signal) => port.stream(request, signal),
      downgrade: () => port.downgrade?.(),
      [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
    },
  };
}
