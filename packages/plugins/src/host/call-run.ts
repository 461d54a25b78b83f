import { failure, ok, type Result, TrustError } from "@trust-cli/core/protocol";

import type { PluginHostConnection } from "./connection.ts";
import type { HostCall } from "./host-call.ts";
import type { HostReport, PluginMessage } from "./messages.ts";
import { messageLimit } from "./orders.ts";
import { plainWords, readPluginMessage } from "./plugin-text.ts";

interface OpenCall extends HostCall {
  number: number;
  connection: PluginHostConnection;
}

const questionsAtOnce = 64;
const messagesPerCall = 20_000;
const logLines = 200;
const graceMilliseconds = 1000;

/** One call, from its order to its one result. Everything that the plugin says is doubted. */
export class PluginCallRun {
  readonly #call: OpenCall;
  readonly #outcome = Promise.withResolvers<Result<unknown>>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #life = new AbortController();
  #isSettled = false;
  #messages = 0;
  #questions = 0;
  #logged = 0;
  isCrashed = false;

  constructor(call: OpenCall) {
    this.#call = call;
  }

  get connection(): PluginHostConnection {
    return this.#call.connection;
  }

  /** Ends only when the host has let go of the call, or is gone. */
  async result(signal: AbortSignal): Promise<Result<unknown>> {
    const { plugin, number: call, tool, input, timeoutMs, connection } = this.#call;
    const onAbort = (): void => this.#stop(new TrustError("INTERRUPTED", "interrupted by the person"));
    signal.addEventListener("abort", onAbort, { once: true });
    const deadline = setTimeout(() => this.#stop(failed(`it gave no answer in ${timeoutMs / 1000} s`)), timeoutMs);
    try {
      connection.send({ type: "call", plugin: plugin.id, call, tool, input });
      return await this.#outcome.promise;
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener("abort", onAbort);
      this.#life.abort();
    }
  }

  receive(report: Extract<HostReport, { plugin: string }>): void {
    if (report.type === "said") {
      this.#hear(report.text);
    } else if ("call" in report && report.call === this.#call.number) {
      if (report.type === "ended") this.#ended.resolve();
      else this.#settle(failure(failed(report.message)), true);
    }
  }

  crash(error: TrustError): void {
    this.isCrashed = true;
    this.#ended.resolve();
    this.#settle(failure(error), false);
  }

  #hear(text: string): void {
    if (this.#isSettled) return;
    this.#messages += 1;
    if (this.#messages > messagesPerCall) return this.#stop(failed(`it sent more than ${messagesPerCall} messages`));
    const message = readPluginMessage(text);
    if (!message.ok) return this.#stop(message.error);
    if (message.value.call !== this.#call.number) return;
    this.#obey(message.value);
  }

  #obey(message: PluginMessage): void {
    switch (message.type) {
      case "answer":
        if (message.ok) this.#settle(ok(message.value ?? null), false);
        else this.#settle(failure(failed(message.message ?? "it failed without words")), false);
        return;
      case "log":
        this.#logged += 1;
        if (this.#logged <= logLines) this.#call.onLog(plainWords(message.text));
        return;
      case "ask":
        this.#answer(message).catch((error: unknown) => {
          this.#outcome.reject(error);
          this.#stop(failed("the answer to its question failed"));
        });
    }
  }

  async #answer({ ask, method, args }: Extract<PluginMessage, { type: "ask" }>): Promise<void> {
    const { plugin, number: call, connection, broker } = this.#call;
    this.#questions += 1;
    const tooMany = this.#questions > questionsAtOnce;
    const result = tooMany
      ? failure(failed(`at most ${questionsAtOnce} questions can be open at once`))
      : await broker(method, args, this.#life.signal);
    this.#questions -= 1;
    if (this.#isSettled) return;
    const reply = { type: "reply", plugin: plugin.id, call, ask } as const;
    const refusal = (message: string): void => connection.send({ ...reply, ok: false, message });
    if (!result.ok) refusal(plainWords(result.error.message));
    else if ((JSON.stringify(result.value) ?? "").length > messageLimit) refusal("the answer is larger than 1 MiB");
    else connection.send({ ...reply, ok: true, value: result.value });
  }

  /** The plugin may still be at work: its isolate goes. A host that does not confirm that goes as well. */
  #stop(error: TrustError): void {
    this.#settle(failure(error), true);
  }

  #settle(result: Result<unknown>, discard: boolean): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { plugin, number: call, connection } = this.#call;
    connection.send({ type: "end", plugin: plugin.id, call, discard });
    if (!discard || !connection.isUsable) return this.#outcome.resolve(result);
    const patience = setTimeout(() => connection.kill("no longer answered", { plugin: plugin.id }), graceMilliseconds);
    void this.#ended.promise.then(() => {
      clearTimeout(patience);
      this.#outcome.resolve(result);
    });
  }
}

const failed = (message: string): TrustError => new TrustError("PLUGIN_FAILED", message);
