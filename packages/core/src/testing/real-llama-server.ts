import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, untilItAnswers } from "./real-server.ts";

const cache = process.env["TRUST_INTEROP_CACHE"] ?? join(homedir(), ".cache", "trust-interop");
const binary = join(cache, "llama-server", "build", "bin", "llama-server");

/** llama.cpp's own server with one model, on a port of its own. */
export interface RealLlamaServer extends AsyncDisposable {
  /** The address of its OpenAI-compatible API. */
  readonly url: string;
}

/** Is there a llama-server to start? `npm run interop:setup` builds it. */
export const hasLlamaServer = (): boolean => existsSync(binary);

/** `write` writes the model's file. The chat template is the model's own, run by llama.cpp. */
export async function realLlamaServer(
  write: (path: string) => Promise<void>,
  contextSize = 4096,
): Promise<RealLlamaServer> {
  if (!hasLlamaServer()) throw new Error(`${binary} is missing. Run: npm run interop:setup`);
  const folder = await mkdtemp(join(tmpdir(), "trust-llama-server-"));
  const weights = join(folder, "model.gguf");
  await write(weights);
  const port = await freePort();
  const options = ["--host", "127.0.0.1", "--port", String(port), "--ctx-size", String(contextSize)];
  const args = ["--model", weights, ...options, "--parallel", "1", "--threads", "1", "--jinja", "--offline"];
  const server = spawn(binary, args, { stdio: "ignore", env: { PATH: process.env["PATH"], HOME: folder } });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(`${url}/health`);
  return {
    url: `${url}/v1`,
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
