import { createParser } from "eventsource-parser";

import type { Call, ServerConnection } from "../server/server-connection.ts";
import { endlessError } from "../server/server-errors.ts";

/** Far above any one event of a reply; in UTF-16 units. */
const longestEvent = 8 * 1024 * 1024;

/** The data of each server-sent event of an answer, as they arrive. */
export async function* serverEvents(
  connection: ServerConnection,
  call: Call,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  let ready: string[] = [];
  let pending = 0;
  const parser = createParser({
    onEvent: ({ data }) => {
      pending = 0;
      ready.push(data);
    },
    onComment: () => {
      pending = 0;
    },
  });
  for await (const part of connection.parts(call, signal)) {
    pending += part.length;
    parser.feed(part);
    if (pending > longestEvent) throw endlessError(call.url.host, "an event");
    const events = ready;
    ready = [];
    yield* events;
  }
}
