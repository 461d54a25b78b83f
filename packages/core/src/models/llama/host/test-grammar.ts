import { setImmediate } from "node:timers/promises";

import { TrustError } from "../../../protocol/errors.ts";
import type { HostAccepts } from "../../../protocol/host.ts";
import type { AddonGrammar, Llama } from "./addon.ts";

/**
 * Whether the grammar admits each text from its beginning to its end; the beginning of such a text is not enough.
 * Between two texts the host answers others, and an abort ends the work.
 */
export async function testGrammar(llama: Llama, request: HostAccepts, signal: AbortSignal): Promise<boolean[]> {
  const grammar = compileGrammar(llama, request);
  const accepted: boolean[] = [];
  for (const text of request.texts) {
    if (signal.aborted) throw new TrustError("INTERRUPTED", "The test of the grammar was ended");
    accepted.push(grammar.isTextCompatible(text));
    await setImmediate();
  }
  return accepted;
}

/** Throws INPUT_INVALID with what llama.cpp says of it. */
export function compileGrammar({ addon, log }: Llama, { gbnf, root }: { gbnf: string; root: string }): AddonGrammar {
  log.take();
  try {
    return new addon.AddonGrammar(gbnf, { addonExports: addon, rootRuleName: root });
  } catch (cause) {
    const said = log.take().join("; ");
    throw new TrustError("INPUT_INVALID", `llama.cpp cannot read the grammar${said === "" ? "" : `: ${said}`}`, {
      cause,
    });
  }
}
