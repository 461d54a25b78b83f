import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

import type { InfillModel } from "@trust-cli/core/models";
import { checkValue, errorBody, parseUnknownJson, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

import { usualTokens, writeCompletion } from "./write-completion.ts";

const Id = z.union([z.int(), z.string()]);
type Id = z.infer<typeof Id>;

/** Code around a cursor, with the editor's own text, saved or not. */
const CompletionRequest = z.strictObject({
  id: Id,
  path: z.string().optional(),
  prefix: z.string(),
  suffix: z.string().default(""),
  files: z.array(z.strictObject({ path: z.string(), text: z.string() })).default([]),
  maxTokens: z.int().positive().default(usualTokens),
});
type CompletionRequest = z.infer<typeof CompletionRequest>;
const Cancellation = z.strictObject({ cancel: Id });
const Numbered = z.looseObject({ id: Id });

/** Answers requests, a line each, until the input ends and the last is answered. A cancelled one is answered, too. */
export async function serveCompletions(model: InfillModel, input: Readable, signal: AbortSignal): Promise<void> {
  const server = new CompletionServer(model, signal);
  for await (const line of createInterface({ input, crlfDelay: Infinity, signal })) {
    if (line.trim() !== "") server.handle(line);
  }
  await server.finished();
  signal.throwIfAborted();
}

class CompletionServer {
  readonly #model: InfillModel;
  readonly #signal: AbortSignal;
  /** Requests that are not answered yet. */
  readonly #open = new Map<Id, { controller: AbortController; answered: Promise<void> }>();

  constructor(model: InfillModel, signal: AbortSignal) {
    this.#model = model;
    this.#signal = signal;
  }

  handle(line: string): void {
    let id: Id | null = null;
    try {
      const value = parseUnknownJson(line, "the request");
      const cancellation = Cancellation.safeParse(value);
      if (cancellation.success) return this.#open.get(cancellation.data.cancel)?.controller.abort();
      id = Numbered.safeParse(value).data?.id ?? null;
      this.#begin(checkValue(value, CompletionRequest, "the request", "INPUT_INVALID"));
    } catch (error) {
      writeReply(id, { error: errorBody(error) });
    }
  }

  async finished(): Promise<void> {
    await Promise.all(Array.from(this.#open.values(), ({ answered }) => answered));
  }

  #begin({ id, ...request }: CompletionRequest): void {
    if (this.#open.has(id)) {
      throw new TrustError("INPUT_INVALID", `the request ${id} is not answered yet`, { hint: "give each its own id" });
    }
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, this.#signal]);
    const answered = writeCompletion(this.#model, request, signal)
      .catch((error: unknown) => ({ error: errorBody(error) }))
      .then((reply) => {
        this.#open.delete(id);
        writeReply(id, reply);
      });
    this.#open.set(id, { controller, answered });
  }
}

function writeReply(id: Id | null, reply: object): void {
  process.stdout.write(`${JSON.stringify({ id, ...reply })}\n`);
}
