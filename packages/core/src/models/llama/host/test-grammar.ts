import { setImmediate } from "node:timers/promises";

import { type Llama, LlamaGrammar } from "node-llama-cpp";

import { TrustError } from "../../../protocol/errors.ts";
import type { HostAccepts } from "../../../protocol/host.ts";
import type { LlamaLog } from "./llama-log.ts";

/** The library's own test of a text, which it keeps internal; the version is pinned exactly. */
interface TestableGrammar {
  _testText(text: string): boolean;
}

/**
 * Whether the grammar admits each text from its beginning to its end; the beginning of such a text is not enough.
 * Between two texts the host answers others, and an abort ends the work.
 */
export async function testGrammar(
  llama: Llama,
  { gbnf, root, texts }: HostAccepts,
  log: LlamaLog,
  signal: AbortSignal,
): Promise<boolean[]> {
  const grammar = compile(llama, { gbnf, root }, log);
  const accepted: boolean[] = [];
  for (const text of texts) {
    if (signal.aborted) throw new TrustError("INTERRUPTED", "The test of the grammar was ended");
    accepted.push(grammar._testText(text));
    await setImmediate();
  }
  return accepted;
}

function compile(llama: Llama, { gbnf, root }: Pick<HostAccepts, "gbnf" | "root">, log: LlamaLog): TestableGrammar {
  log.take();
  try {
    return new LlamaGrammar(llama, { grammar: gbnf, rootRuleName: root }) as unknown as TestableGrammar;
  } catch (cause) {
    const said = log.take().join("; ");
    throw new TrustError("INPUT_INVALID", `llama.cpp cannot read the grammar${said === "" ? "" : `: ${said}`}`, {
      cause,
    });
  }
}
