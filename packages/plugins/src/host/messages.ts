import * as z from "zod";

const plugin = z.string();
const call = z.int();

/** What the host says. `text` is what the plugin's code sent, not looked at. */
export const HostReport = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready") }),
  z.strictObject({ type: z.literal("said"), plugin, text: z.string() }),
  z.strictObject({ type: z.literal("failed"), plugin, call, message: z.string() }),
  /** The isolate was discarded, as asked. */
  z.strictObject({ type: z.literal("ended"), plugin, call }),
  /** The process is lost and ends right after this. `reason` is a verb and what belongs to it; without `plugin` it is nobody's fault. */
  z.strictObject({ type: z.literal("dying"), plugin: plugin.optional(), reason: z.string() }),
]);
export type HostReport = z.infer<typeof HostReport>;

/** What a plugin's code can say: its answer, a question to the broker, a line for the person. */
export const PluginMessage = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("answer"),
    call,
    ok: z.boolean(),
    value: z.unknown().optional(),
    message: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal("ask"),
    call,
    ask: z.int(),
    method: z.string().max(40),
    args: z.array(z.unknown()).max(3),
  }),
  z.strictObject({ type: z.literal("log"), call, text: z.string() }),
]);
export type PluginMessage = z.infer<typeof PluginMessage>;
