/**
 * The library that the host stands on, without the host: prints the milliseconds a token of 192, each written by a call
 * of its own from one process. What is below llama-bench here is not for the host to gain.
 */
import { openLlama } from "../../packages/core/src/models/llama/host/addon.ts";
import { LlamaLog } from "../../packages/core/src/models/llama/host/llama-log.ts";

const [path = "", threads = "1"] = process.argv.slice(2);
const tokens = 192;
const { addon } = await openLlama("cpu", new LlamaLog(() => undefined), undefined);
const model = new addon.AddonModel(path, { addonExports: addon, gpuLayers: 0, useMmap: true });
await model.init();
const context = new addon.AddonContext(model, {
  contextSize: 8192,
  sequences: 1,
  batchSize: 512,
  threads: Number(threads),
  flashAttention: true,
});
await context.init();

async function write(count: number): Promise<void> {
  for (let position = 0; position < count; position++) {
    context.initBatch(1);
    context.addToBatch(0, position, Uint32Array.of(10 + position), Uint32Array.of(0));
    await context.decodeBatch();
  }
  context.disposeSequence(0);
}

await write(32);
const began = performance.now();
await write(tokens);
process.stdout.write(`${(performance.now() - began) / tokens}\n`);
process.exit(0);
