import type { ModelPort } from "@trust-cli/core/ports";
import { errorBody, noUsage, TrustError } from "@trust-cli/core/protocol";

type Prepare<T> = (signal: AbortSignal, onLoad?: (fraction: number) => void) => Promise<T>;

/** Does its work once; again only when it failed or was aborted. */
function once<T>(prepare: Prepare<T>): Prepare<T> {
  let prepared: Promise<T> | undefined;
  return async (signal, onLoad) => {
    const work = (prepared ??= prepare(signal, onLoad));
    try {
      return await work;
    } catch (error) {
      if (prepared === work) prepared = undefined;
      throw error;
    }
  };
}

/** A model that is loaded while `verify` looks at its files, and that answers nothing when these are not right. */
export function verifiedPort(port: ModelPort, verify: (signal: AbortSignal) => Promise<void>): ModelPort {
  const verified = once(verify);
  return {
    async describe(signal, onLoad) {
      const [info] = await Promise.all([port.describe(signal, onLoad), verified(signal)]);
      return info;
    },
    countTokens: (prompt, signal) => port.countTokens(prompt, signal),
    stream: (request, signal) => streamAfter(() => verified(signal).then(() => port), request, signal),
    downgrade: () => port.downgrade?.(),
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  };
}

/** A model that `open` must first make ready, as far as half of its loading. */
export function openedPort(open: Prepare<ModelPort>): ModelPort {
  const opened = once(open);
  let port: ModelPort | undefined;
  const ready: Prepare<ModelPort> = async (signal, onLoad) => (port = await opened(signal, onLoad));
  return {
    async describe(signal, onLoad) {
      const model = await ready(signal, onLoad && ((fraction) => onLoad(fraction / 2)));
      return model.describe(signal, onLoad && ((fraction) => onLoad((1 + fraction) / 2)));
    },
    countTokens: async (prompt, signal) => (await ready(signal)).countTokens(prompt, signal),
    stream: (request, signal) => streamAfter(() => ready(signal), request, signal),
    downgrade: () => port?.downgrade?.(),
    [Symbol.asyncDispose]: async () => port?.[Symbol.asyncDispose](),
  };
}

/** A port's stream tells of failures by its last event, and so must what comes before it. */
async function* streamAfter(
  ready: () => Promise<ModelPort>,
  ...[request, signal]: Parameters<ModelPort["stream"]>
): ReturnType<ModelPort["stream"]> extends AsyncIterable<infer Event> ? AsyncGenerator<Event, void, void> : never {
  try {
    const port = await ready();
    yield* port.stream(request, signal);
  } catch (error) {
    if (signal.aborted) yield { type: "finish", reason: "abort", usage: noUsage };
    else if (error instanceof TrustError) {
      yield { type: "finish", reason: "error", usage: noUsage, error: errorBody(error) };
    } else throw error;
  }
}
