import { parentPort } from "node:worker_threads";

import { grammarOf, memoryBytes } from "./grammar.ts";
import { readFileTags } from "./read-file-tags.ts";
import type { TagReply, TagRequest } from "./worker-messages.ts";

/** A thread that reads files one after another; whoever asks ends it when one takes too long. */
const loaded = new Set<string>();
let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (request: TagRequest) => {
  last = last.then(() => answer(request));
});

async function answer({ language, text }: TagRequest): Promise<void> {
  const grammar = await grammarOf(language);
  if (!loaded.has(language)) send({ type: "loaded", language });
  loaded.add(language);
  const tags = JSON.stringify(readFileTags(language, text, grammar));
  send({ type: "tags", tags, memoryBytes: await memoryBytes() });
}

const send = (reply: TagReply): void => parentPort?.postMessage(reply);
