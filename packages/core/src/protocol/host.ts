import * as z from "zod";

import { errorKinds } from "./errors.ts";

/**
 * The wire between Trust and the model host: one JSON object a line, each way, over stdio or a socket.
 * The number changes whenever an old host could misread a new client.
 */
export const hostProtocolVersion = 1;

const RequestId = z.int().nonnegative();

/** Each segment is tokenised alone: `control` with the model's special tokens, `text` without them. */
export const HostSegment = z.strictObject({ kind: z.enum(["control", "text"]), text: z.string() });
export type HostSegment = z.infer<typeof HostSegment>;

const HostSampler = z.strictObject({
  temperature: z.number().min(0).optional(),
  topK: z.int().optional(),
  topP: z.number().optional(),
  minP: z.number().optional(),
  repeatPenalty: z.number().optional(),
  seed: z.int().optional(),
});

/**
 * Armed when the reply reaches one of `triggers`; with none, from the first token on. Triggers inside a thought do not
 * count. `opened`: the prompt ends inside one.
 */
export const HostGrammar = z.strictObject({
  gbnf: z.string(),
  root: z.string(),
  triggers: z.array(z.string().min(1)),
  thought: z.strictObject({ open: z.string(), close: z.string().min(1), opened: z.boolean() }).optional(),
});
export type HostGrammar = z.infer<typeof HostGrammar>;

/** At most `tokens` between `open` and `close`; then the host writes `close` itself. `opened`: the prompt ends inside. */
export const HostThinking = z.strictObject({
  tokens: z.int().positive(),
  open: z.string(),
  close: z.string(),
  opened: z.boolean(),
});
export type HostThinking = z.infer<typeof HostThinking>;

/**
 * `forced` is text with which the reply begins: it is evaluated, not sampled, and not sent back.
 * `priority`: 1 background to 5 a person waits. `sequence`: which KV cache slot to reuse.
 */
export const HostGenerate = z.strictObject({
  type: z.literal("generate"),
  request: RequestId,
  sequence: z.int().nonnegative(),
  priority: z.int().min(1).max(5),
  prompt: z.array(HostSegment),
  forced: z.string(),
  sampler: HostSampler,
  stops: z.array(z.string().min(1)),
  maxTokens: z.int().positive(),
  grammar: HostGrammar.optional(),
  thinking: HostThinking.optional(),
});
export type HostGenerate = z.infer<typeof HostGenerate>;

export const HostLoad = z.strictObject({
  type: z.literal("load"),
  request: RequestId,
  path: z.string(),
  contextSize: z.int().positive().optional(),
  threads: z.int().positive().optional(),
  backend: z.enum(["cpu", "vulkan", "cuda", "metal"]).optional(),
});
export type HostLoad = z.infer<typeof HostLoad>;

/** Runs a chat template with llama.cpp's own Jinja engine, once for each of `values`. Needs no model. */
const HostRender = z.strictObject({
  type: z.literal("render"),
  request: RequestId,
  template: z.string(),
  values: z.array(z.record(z.string(), z.unknown())),
});

/** Which of `texts` a grammar admits as a whole, by llama.cpp's own engine. Needs no model. */
export const HostAccepts = z.strictObject({
  type: z.literal("accepts"),
  request: RequestId,
  gbnf: z.string(),
  root: z.string(),
  texts: z.array(z.string()),
});
export type HostAccepts = z.infer<typeof HostAccepts>;

export const HostRequest = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("hello"), protocol: z.int() }),
  HostLoad,
  z.strictObject({ type: z.literal("count"), request: RequestId, prompt: z.array(HostSegment) }),
  HostGenerate,
  HostRender,
  HostAccepts,
  z.strictObject({ type: z.literal("cancel"), request: RequestId }),
  z.strictObject({ type: z.literal("shutdown") }),
]);
export type HostRequest = z.infer<typeof HostRequest>;

/** What a loaded model says of itself. `specialTokens`: texts of its control and user-defined tokens. */
export const HostModel = z.strictObject({
  name: z.string(),
  architecture: z.string(),
  contextSize: z.int().positive(),
  trainedContextSize: z.int().positive(),
  sizeBytes: z.int().nonnegative(),
  chatTemplate: z.string().optional(),
  specialTokens: z.array(z.string()),
  bosToken: z.string(),
  eosToken: z.string(),
  backend: z.string(),
});
export type HostModel = z.infer<typeof HostModel>;

const HostError = z.object({
  code: z.enum(Object.keys(errorKinds) as [keyof typeof errorKinds]),
  message: z.string(),
  hint: z.string().optional(),
});

/** `beat` is sent every second as long as the host's event loop turns. */
export const HostReply = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("hello"), protocol: z.int(), pid: z.int() }),
  z.strictObject({ type: z.literal("beat") }),
  z.strictObject({ type: z.literal("loading"), request: RequestId, fraction: z.number() }),
  z.strictObject({ type: z.literal("loaded"), request: RequestId, model: HostModel }),
  z.strictObject({
    type: z.literal("rendered"),
    request: RequestId,
    texts: z.array(z.union([z.strictObject({ text: z.string() }), z.strictObject({ failure: z.string() })])),
  }),
  z.strictObject({ type: z.literal("accepted"), request: RequestId, accepted: z.array(z.boolean()) }),
  z.strictObject({ type: z.literal("counted"), request: RequestId, tokens: z.int() }),
  z.strictObject({ type: z.literal("prefill"), request: RequestId, done: z.int(), total: z.int(), reused: z.int() }),
  z.strictObject({ type: z.literal("text"), request: RequestId, text: z.string() }),
  z.strictObject({
    type: z.literal("end"),
    request: RequestId,
    reason: z.enum(["stop", "length", "abort"]),
    promptTokens: z.int(),
    reusedTokens: z.int(),
    outputTokens: z.int(),
    tokensPerSecond: z.number(),
  }),
  z.strictObject({ type: z.literal("failed"), request: RequestId, error: HostError }),
]);
export type HostReply = z.infer<typeof HostReply>;
