// Apart from the checks in messages.ts: the host loads no more than it must.

/** Characters of one message of a plugin. */
export const messageLimit = 1_048_576;

/** What the host is told, one JSON object a line. The host trusts the one who started it. */
export type HostOrder =
  | { type: "load"; plugin: string; code: string; memoryMB: number; cpuMs: number }
  | { type: "call"; plugin: string; call: number; tool: string | undefined; input: unknown }
  | { type: "reply"; plugin: string; call: number; ask: number; ok: boolean; value?: unknown; message?: string }
  /** `discard`: the isolate may still be at work, so a new one is made for the next call. */
  | { type: "end"; plugin: string; call: number; discard: boolean };
