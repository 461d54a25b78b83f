import { dirname, join } from "node:path";

import { buildLlamaTools, findLlamaTool, type LlamaTool } from "@trust-cli/core/models/quantize";
import { TrustError } from "@trust-cli/core/protocol";
import { acquireLock } from "@trust-cli/core/storage";

import { llamaBundle, llamaToolPlace } from "../../composition/llama-tools.ts";
import { loadSettings } from "../../composition/settings.ts";
import { writeNotice } from "../../print/output.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { statusLine } from "../model/status-line.ts";

/** What people use; llama-server is for tests. */
const tools = ["llama-quantize", "llama-perplexity", "llama-bench"] as const satisfies LlamaTool[];

/** `trust host tools build`: llama.cpp's own programs, from the source that came with Trust. */
export async function buildTools(options: SharedOptions): Promise<number> {
  const { paths } = await loadSettings(options, true);
  const { built } = llamaToolPlace(paths, {});
  const missing = tools.filter((tool) => findLlamaTool(tool, { given: undefined, built }) === undefined);
  if (missing.length > 0) {
    using _lock = lockFor(dirname(built));
    using interrupt = interruptSignal();
    if (options.json !== true) writeNotice("Building llama.cpp's programs takes a while: half an hour on two cores.");
    using line = statusLine();
    const onProgress = (step: string, fraction: number | undefined): void =>
      line.show(fraction === undefined ? step : `${Math.round(fraction * 100)} % ${step}`);
    await buildLlamaTools({ folder: built, bundle: llamaBundle(), tools, onProgress }, interrupt.signal);
  }
  const found = Object.fromEntries(tools.map((tool) => [tool, findLlamaTool(tool, { given: undefined, built })]));
  const how = missing.length > 0 ? "built" : "built already";
  printResult(options.json, { tools: found }, () =>
    Object.values(found)
      .map((path) => `${how}  ${path}\n`)
      .join(""),
  );
  return 0;
}

function lockFor(folder: string): Disposable {
  const lock = acquireLock(join(folder, "build.lock"));
  if (lock !== undefined) return lock;
  throw new TrustError("SESSION_BUSY", "another Trust builds llama.cpp's programs already", { hint: "wait for it" });
}
