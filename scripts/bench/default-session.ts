/**
 * What node-llama-cpp does when nobody tells it otherwise: prints the milliseconds until a chat session is ready. A file,
 * since the library tests its binaries in processes that inherit the way in which this one was started.
 */
const began = performance.now();
const { getLlama, LlamaChatSession } = await import("node-llama-cpp");
const llama = await getLlama();
const model = await llama.loadModel({ modelPath: process.argv[2] ?? "" });
const context = await model.createContext();
new LlamaChatSession({ contextSequence: context.getSequence() });
process.stdout.write(`${performance.now() - began}\n`);
process.exit(0);

export {};
