import { setTimeout as sleep } from "node:timers/promises";

import { type Clock, systemClock } from "../../ports/clock.ts";
import type { ModelInfo, ModelPort, ModelRequest } from "../../ports/model.ts";
import { type ErrorBody, type ErrorCode, TrustError } from "../../protocol/errors.ts";
import { type ModelEvent, noUsage } from "../../protocol/model-events.ts";
import { type Route, Routes } from "./routes.ts";

export type { Route } from "./routes.ts";

export interface RoutedModelOptions {
  /** The first is asked as long as it answers, then the next, and so on. */
  routes: readonly [Route, ...Route[]];
  /** The person agreed that a model elsewhere may go on for one on this machine. */
  allowRemote: boolean;
  /** Told the `id` of the route that goes on. */
  onSwitch?: (id: string) => void;
  clock?: Clock;
  /** Waits between attempts; rejects when the signal aborts. */
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** In milliseconds, before each new attempt: in all, less than a person notices. */
const pauses = [100, 200, 400];
/** A backend that was silent for longer than this is not asked the same again. */
const promptMilliseconds = 15_000;

/** The backend or the way to it died: the same request may fare better. */
const passing: ReadonlySet<ErrorCode> = new Set(["MODEL_UNREACHABLE", "MODEL_LOST"]);
/** Another backend may do what this one cannot. */
const beyondThis: ReadonlySet<ErrorCode> = new Set([
  ...passing,
  "MODEL_FAILED",
  "MODEL_MISSING",
  "MODEL_INVALID",
  "HOST_CRASHED",
  "HOST_MISSING",
]);

/**
 * One model made of several. A request that dies on its way is sent again, then to the next backend that may be
 * asked, which goes on from there. A reply begins anew only while none of its calls was passed on: no call is given
 * twice.
 */
export function createRoutedModel(options: RoutedModelOptions): ModelPort {
  return new RoutedModel(options);
}

class RoutedModel implements ModelPort {
  readonly #routes: Routes;
  readonly #clock: Clock;
  readonly #pause: NonNullable<RoutedModelOptions["pause"]>;

  constructor({ routes, allowRemote, onSwitch, clock = systemClock, pause = waitFor }: RoutedModelOptions) {
    this.#routes = new Routes(routes, { allowRemote, onSwitch });
    this.#clock = clock;
    this.#pause = pause;
  }

  async describe(signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<ModelInfo> {
    try {
      return await this.#routes.describe(signal, onLoad);
    } catch (error) {
      if (signal.aborted || !(error instanceof TrustError) || !beyondThis.has(error.code)) throw error;
      const next = await this.#routes.advance(error.message, signal);
      if (next === undefined) throw this.#withConsentHint(error);
      return { ...next.info, notes: [...(next.info.notes ?? []), next.notice] };
    }
  }

  async countTokens(prompt: Pick<ModelRequest, "messages" | "tools">, signal: AbortSignal): Promise<number> {
    const { port } = await this.#routes.current();
    return port.countTokens(prompt, signal);
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    const attempts = new Attempts(this.#clock);
    while (true) {
      const finish = yield* this.#attempt(request, attempts, signal);
      const { error } = finish;
      if (error === undefined || signal.aborted || !beyondThis.has(error.code)) return yield finish;
      if (attempts.hasCalls) {
        yield { type: "notice", text: `${error.message}. The calls it had made are kept.` };
        return yield { type: "finish", reason: "calls", usage: finish.usage };
      }
      const wait = passing.has(error.code) ? attempts.nextPause() : undefined;
      if (wait === undefined) {
        const next = await this.#advance(error, signal);
        if (signal.aborted) return yield aborted;
        if (next === undefined) return yield { ...finish, error: this.#bodyWithConsentHint(error) };
        yield { type: "notice", text: next.notice };
        attempts.startOver();
      } else if (!(await this.#waited(wait, signal))) return yield aborted;
      if (attempts.hasBegun) yield { type: "model-restart", reason: error.message, again: true };
    }
  }

  downgrade(): { from: string; to: string } | undefined {
    return this.#routes.open?.port.downgrade?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#routes[Symbol.asyncDispose]();
  }

  async *#attempt(
    request: ModelRequest,
    attempts: Attempts,
    signal: AbortSignal,
  ): AsyncGenerator<ModelEvent, Finish, void> {
    const { port } = await this.#routes.current();
    attempts.begin();
    for await (const event of port.stream(request, signal)) {
      if (event.type === "finish") return event;
      attempts.note(event);
      yield event;
    }
    throw new Error("a model's stream ended without a finish");
  }

  async #advance({ message }: ErrorBody, signal: AbortSignal): ReturnType<Routes["advance"]> {
    try {
      return await this.#routes.advance(message, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async #waited(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#pause(milliseconds, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  #withConsentHint(error: TrustError): TrustError {
    const { code, message, hint } = this.#bodyWithConsentHint(error);
    return new TrustError(code, message, { hint, cause: error });
  }

  #bodyWithConsentHint({
    code,
    message,
    hint,
  }: Pick<TrustError, "code" | "message"> & { hint?: string | undefined }): ErrorBody {
    const [refused] = this.#routes.passedOver;
    const consent = `${refused} is next, but text would leave this machine: trust config set fallback.remote true`;
    const said = refused === undefined ? hint : consent;
    return { code, message, ...(said === undefined ? {} : { hint: said }) };
  }
}

type Finish = Extract<ModelEvent, { type: "finish" }>;

const aborted: Finish = { type: "finish", reason: "abort", usage: noUsage };

const waitFor = (milliseconds: number, signal: AbortSignal): Promise<unknown> =>
  sleep(milliseconds, undefined, { signal });

/** What the attempts at one reply came to so far. */
class Attempts {
  readonly #clock: Clock;
  #startedAt = 0;
  #pauses = 0;
  #restarts = 0;
  #isHeard = false;
  /** Parts of the reply were passed on. */
  hasBegun = false;
  /** Whole calls were passed on. */
  hasCalls = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    this.#startedAt = this.#clock.monotonic();
    this.#isHeard = false;
    this.hasBegun = false;
  }

  note({ type }: ModelEvent): void {
    if (type === "notice" || type === "model-load" || type === "prefill" || type === "model-restart") return;
    this.#isHeard = true;
    this.hasBegun = true;
    if (type === "call-end") this.hasCalls = true;
  }

  /** How long to wait before the same backend is asked again; undefined when it had its chances. */
  nextPause(): number | undefined {
    if (this.#isHeard) return this.#restarts++ === 0 ? pauses[0] : undefined;
    const isLate = this.#clock.monotonic() - this.#startedAt > promptMilliseconds;
    return isLate ? undefined : pauses[this.#pauses++];
  }

  /** Another backend has all its chances. */
  startOver(): void {
    this.#pauses = 0;
    this.#restarts = 0;
  }
}
