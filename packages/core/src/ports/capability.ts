import * as z from "zod";

/**
 * What a measurement holds for: these weights, with this chat template, run by this version of this backend. Digests,
 * or what a server gives in their place.
 */
export interface ModelIdentity {
  weights: string;
  template: string;
  backend: string;
}

/** What was measured of a model. Lengths in tokens, `callSuccess` in 0..1, `measuredAt` in ISO form. */
export const CapabilityRecord = z.strictObject({
  /** How it writes calls, and where that is known from. */
  dialect: z.strictObject({ id: z.string(), origin: z.string() }),
  contextSize: z.int().positive(),
  /** It makes several calls in one reply when that is asked for. */
  parallelCalls: z.boolean(),
  reasoning: z.boolean(),
  callSuccess: z.number().min(0).max(1),
  /** The longest result of a tool, in characters, that it answered from. Absent: it managed the longest, or none was tried. */
  resultCharacters: z.int().positive().optional(),
  probes: z.array(z.strictObject({ id: z.string(), passed: z.boolean() })),
  measuredAt: z.string(),
});
export type CapabilityRecord = z.infer<typeof CapabilityRecord>;

/** A model was moved to a simpler way of writing calls, `at` in ISO form, because it failed with its own. */
export const DialectChange = z.strictObject({ from: z.string(), to: z.string(), at: z.string() });
export type DialectChange = z.infer<typeof DialectChange>;

export interface CapabilityStore extends Disposable {
  /** Undefined when nothing was measured under exactly this identity. */
  find(identity: ModelIdentity): CapabilityRecord | undefined;
  save(identity: ModelIdentity, record: CapabilityRecord): void;
  /** The last time that this model was moved to a simpler way of writing calls. */
  lastDowngrade(identity: ModelIdentity): DialectChange | undefined;
  noteDowngrade(identity: ModelIdentity, change: DialectChange): void;
}
