import type { HostReply } from "../../../protocol/host.ts";

/** Faster than people see, and slow enough that a quick model does not wake its reader for every token. */
const paceMilliseconds = 30;

interface Held {
  text: string;
  sent: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Passes replies on in order. The text of a request goes at once after a pause, and otherwise together with what comes
 * within 30 ms; every other reply to it takes along what is held.
 */
export function pacedReplies(send: (reply: HostReply) => void): (reply: HostReply) => void {
  const held = new Map<number, Held>();
  const flush = (request: number, one: Held): void => {
    clearTimeout(one.timer);
    one.timer = undefined;
    if (one.text === "") return;
    const { text } = one;
    one.text = "";
    one.sent = performance.now();
    send({ type: "text", request, text });
  };
  return (reply) => {
    if (!("request" in reply)) return send(reply);
    const { request } = reply;
    const known = held.get(request);
    if (reply.type !== "text") {
      if (known !== undefined) flush(request, known);
      held.delete(request);
      return send(reply);
    }
    const one = known ?? { text: "", sent: Number.NEGATIVE_INFINITY, timer: undefined };
    held.set(request, one);
    one.text += reply.text;
    const wait = one.sent + paceMilliseconds - performance.now();
    if (wait <= 0) flush(request, one);
    else one.timer ??= setTimeout(() => flush(request, one), wait);
  };
}
