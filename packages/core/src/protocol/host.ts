import * as z from "zod";

import { errorKinds } from "./errors.ts";

/**
 * The wire between Trust and the model host: one JSON object a line, each way, over stdio or a socket.
 * The number changes whenever an old host could misread a new client.
 */
export const hostProtocolVersion = 3;

const RequestId = z.int().nonnegative();

/** Each segment is tokenised alone: `control` with the model's special tokens, `text` without them. */
export const HostSegment = z.strictObject({ kind: z.enum(["control", "text"]), text: z.string() });
export type HostSegment = z.infer<typeof HostSegment>;

const HostSampler = z.strictObject({
  temperature: z.number().min(0).optional(),
  topK: z.int().optional(),
  topP: z.number().optional(),
  minP: z.number().optional(),
  repeatPenalty: z.number().positive().optional(),
  presencePenalty: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  seed: z.int().nonnegative().optional(),
});
export type HostSampler = z.infer<typeof HostSampler>;

/** 1: nobody waits; 3: an editor waits for a completion; 5: a person waits. */
const Priority = z.int().min(1).max(5);
const ModelId = z.int().positive();

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
 * `forced` is text with which the reply begins: it is evaluated, not sampled, and not sent back. `conversation` names
 * requests that go on from one another; `front` begins as all conversations of this kind do (system text and tools): the
 * state of what the prompt shares with it is worth keeping on disk. `plain` switches speculation off. `endless` goes on
 * where the model would end, for measurements.
 */
export const HostGenerate = z.strictObject({
  type: z.literal("generate"),
  request: RequestId,
  model: ModelId,
  priority: Priority,
  prompt: z.array(HostSegment),
  conversation: z.string().optional(),
  front: z.array(HostSegment).optional(),
  plain: z.boolean().optional(),
  endless: z.boolean().optional(),
  forced: z.string(),
  sampler: HostSampler,
  stops: z.array(z.string().min(1)),
  maxTokens: z.int().positive(),
  grammar: HostGrammar.optional(),
  thinking: HostThinking.optional(),
});
export type HostGenerate = z.infer<typeof HostGenerate>;

/** Code around a cursor, and files that belong to it. The host puts the model's own infill tokens around them. */
export const HostInfill = z.strictObject({
  type: z.literal("infill"),
  request: RequestId,
  model: ModelId,
  priority: Priority,
  path: z.string().optional(),
  prefix: z.string(),
  suffix: z.string(),
  files: z.array(z.strictObject({ path: z.string(), text: z.string() })),
  sampler: HostSampler,
  maxTokens: z.int().positive(),
});
export type HostInfill = z.infer<typeof HostInfill>;

/**
 * Asks for a model to be in memory. The same file with the same options is loaded once for all clients. `ramBytes` and
 * `vramBytes` limit what all models of the host may use together. `pinned` keeps it until it is unloaded by name.
 */
export const HostLoad = z.strictObject({
  type: z.literal("load"),
  request: RequestId,
  path: z.string(),
  use: z.enum(["chat", "embedding", "ranking"]).optional(),
  contextSize: z.int().positive().optional(),
  threads: z.int().positive().optional(),
  gpuLayers: z.int().nonnegative().optional(),
  kvType: z.enum(["f16", "q8_0", "q4_0"]).optional(),
  adapters: z.array(z.strictObject({ path: z.string(), scale: z.number() })).optional(),
  draft: z.string().optional(),
  pinned: z.boolean().optional(),
  keepAliveSeconds: z.int().nonnegative().optional(),
  ramBytes: z.int().positive().optional(),
  vramBytes: z.int().positive().optional(),
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

/**
 * `hello` comes first. `warm` reads a file into the page cache while nobody waits. `busy` tells how many cores the
 * client's own commands occupy.
 */
export const HostRequest = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("hello"), protocol: z.int(), client: z.string().optional() }),
  HostLoad,
  z.strictObject({ type: z.literal("count"), request: RequestId, model: ModelId, prompt: z.array(HostSegment) }),
  HostGenerate,
  HostInfill,
  z.strictObject({ type: z.literal("embed"), request: RequestId, model: ModelId, texts: z.array(z.string()) }),
  z.strictObject({
    type: z.literal("rank"),
    request: RequestId,
    model: ModelId,
    query: z.string(),
    documents: z.array(z.string()),
  }),
  HostRender,
  HostAccepts,
  z.strictObject({ type: z.literal("status"), request: RequestId }),
  z.strictObject({ type: z.literal("devices"), request: RequestId }),
  z.strictObject({ type: z.literal("unload"), request: RequestId, path: z.string() }),
  z.strictObject({ type: z.literal("warm"), path: z.string() }),
  z.strictObject({ type: z.literal("busy"), cores: z.number().nonnegative() }),
  z.strictObject({ type: z.literal("cancel"), request: RequestId }),
  z.strictObject({ type: z.literal("shutdown") }),
]);
export type HostRequest = z.infer<typeof HostRequest>;

/** How a model lies in memory, in bytes, and why so, in sentences. */
const HostPlan = z.strictObject({
  gpuLayers: z.int().nonnegative(),
  sequences: z.int().positive(),
  kvType: z.string(),
  batchSize: z.int().positive(),
  flashAttention: z.boolean(),
  threads: z.int().positive(),
  ramBytes: z.number().nonnegative(),
  vramBytes: z.number().nonnegative(),
  reasons: z.array(z.string()),
});
/** What a loaded model says of itself. `specialTokens`: texts of its control and user-defined tokens. */
export const HostModel = z.strictObject({
  id: ModelId,
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
  infill: z.boolean(),
  plan: HostPlan,
});
export type HostModel = z.infer<typeof HostModel>;

/** `busy`: requests at work or waiting. Times in seconds, sizes in bytes. */
export const HostStatus = z.strictObject({
  pid: z.int(),
  backend: z.string(),
  uptimeSeconds: z.number(),
  clients: z.array(z.strictObject({ name: z.string() })),
  models: z.array(
    z.strictObject({
      name: z.string(),
      path: z.string(),
      use: z.string(),
      sizeBytes: z.number(),
      ramBytes: z.number(),
      vramBytes: z.number(),
      contextSize: z.int(),
      sequences: z.int(),
      threads: z.int(),
      busy: z.int(),
      pinned: z.boolean(),
      idleSeconds: z.number(),
    }),
  ),
  memory: z.strictObject({ rssBytes: z.number(), heapBytes: z.number() }),
});
export type HostStatus = z.infer<typeof HostStatus>;

/**
 * What the host computes on. `binary`: the file of llama.cpp that it loaded. `gpu` is absent for a host on the CPU;
 * `unified`: its devices use the machine's own RAM. Sizes in bytes, as they are at this moment.
 */
export const HostDevices = z.strictObject({
  backend: z.string(),
  binary: z.string(),
  gpu: z
    .strictObject({
      backend: z.enum(["cuda", "vulkan", "metal"]),
      devices: z.array(z.strictObject({ name: z.string(), totalBytes: z.number(), freeBytes: z.number() })),
      unified: z.boolean(),
    })
    .optional(),
});
export type HostDevices = z.infer<typeof HostDevices>;

const HostError = z.object({
  code: z.enum(Object.keys(errorKinds) as [keyof typeof errorKinds]),
  message: z.string(),
  hint: z.string().optional(),
});

/**
 * `beat` is sent every second as long as the host's event loop turns. `source`: where reused tokens came from;
 * `broke`: where a prompt stopped being the continuation of its conversation, and how many tokens that cost.
 * `drafted` tokens were guessed, of which the model confirmed `accepted`.
 */
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
  z.strictObject({
    type: z.literal("prefill"),
    request: RequestId,
    done: z.int(),
    total: z.int(),
    reused: z.int(),
    source: z.enum(["memory", "disk"]).optional(),
    broke: z.strictObject({ at: z.int(), lost: z.int(), was: z.string(), now: z.string() }).optional(),
  }),
  z.strictObject({ type: z.literal("text"), request: RequestId, text: z.string() }),
  z.strictObject({
    type: z.literal("end"),
    request: RequestId,
    reason: z.enum(["stop", "length", "abort"]),
    promptTokens: z.int(),
    reusedTokens: z.int(),
    outputTokens: z.int(),
    tokensPerSecond: z.number(),
    drafted: z.int(),
    accepted: z.int(),
  }),
  z.strictObject({ type: z.literal("embedded"), request: RequestId, vectors: z.array(z.array(z.number())) }),
  z.strictObject({ type: z.literal("ranked"), request: RequestId, scores: z.array(z.number()) }),
  z.strictObject({ type: z.literal("status"), request: RequestId, status: HostStatus }),
  z.strictObject({ type: z.literal("devices"), request: RequestId, devices: HostDevices }),
  z.strictObject({ type: z.literal("unloaded"), request: RequestId, models: z.int() }),
  z.strictObject({ type: z.literal("failed"), request: RequestId, error: HostError }),
]);
export type HostReply = z.infer<typeof HostReply>;
