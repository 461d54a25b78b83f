/** A thread in which nothing has run before: builds one grammar again and again, and tells how long each took. */
import { parentPort, workerData } from "node:worker_threads";

import { createDialect, type ToolFormat } from "@trust-cli/core/dialects";
import type { ToolSignature } from "@trust-cli/core/protocol";

export interface BuilderInput {
  format: ToolFormat;
  tools: ToolSignature[];
  times: number;
}

const { format, tools, times } = workerData as BuilderInput;
const dialect = createDialect(format);
const taken = Array.from({ length: times }, () => {
  const began = performance.now();
  dialect.grammar(tools, "auto", true);
  return performance.now() - began;
});
parentPort?.postMessage(taken);
