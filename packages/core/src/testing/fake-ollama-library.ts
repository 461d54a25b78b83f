import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";

/** Models that a fake Ollama can pull, each with the sizes of its layers in bytes. */
export type FakeLibrary = Readonly<Record<string, readonly number[]>>;

const stepsPerLayer = 4;

/** Answers pulls, and keeps what was fetched when the client goes away. */
export class FakePulls {
  readonly #library: FakeLibrary;
  readonly #completed = new Map<string, number>();

  constructor(library: FakeLibrary) {
    this.#library = library;
  }

  /** Resolves to whether the model is there now. */
  async answer(name: string, response: ServerResponse): Promise<boolean> {
    const send = (line: object): void => void response.write(`${JSON.stringify(line)}\n`);
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const layers = this.#library[name];
    send({ status: "pulling manifest" });
    if (layers === undefined) {
      response.end(`${JSON.stringify({ error: "pull model manifest: file does not exist" })}\n`);
      return false;
    }
    for (const [index, total] of layers.entries()) {
      const digest = `sha256:${name}-${index}`;
      for (let done = this.#completed.get(digest) ?? 0; ; done += total / stepsPerLayer) {
        this.#completed.set(digest, done);
        send({ status: `pulling ${index}`, digest, total, completed: done });
        if (done >= total) break;
        await setImmediate();
        if (response.destroyed) return false;
      }
    }
    for (const status of ["verifying sha256 digest", "writing manifest", "success"]) send({ status });
    response.end();
    return true;
  }
}
