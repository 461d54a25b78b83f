import { TrustError } from "../../protocol/errors.ts";
import { HostConnection } from "./host-connection.ts";
import type { HostEntry } from "./host-entry.ts";

/**
 * Which texts a grammar admits from beginning to end, judged by llama.cpp in a model host that is started for it
 * and ended afterwards. Throws INPUT_INVALID for a grammar that llama.cpp cannot read, and HOST_CRASHED where the
 * host died of it or did not come to an end.
 */
export async function acceptsTexts(
  entry: HostEntry,
  { gbnf, root }: { gbnf: string; root: string },
  texts: readonly string[],
  signal: AbortSignal,
): Promise<boolean[]> {
  let stderr = "";
  const onStderr = (text: string): void => {
    stderr += text;
  };
  const connection = await HostConnection.open(entry, { onStderr });
  try {
    for await (const reply of connection.request({ type: "accepts", gbnf, root, texts: [...texts] }, signal)) {
      if (reply.type === "accepted") return reply.accepted;
    }
    throw new TrustError("HOST_CRASHED", "The model host ended without an answer", { hint: "trust doctor" });
  } catch (error) {
    await connection.close();
    throw explained(error, stderr);
  } finally {
    await connection.close();
  }
}

/** llama.cpp prints what is wrong with a grammar, and the whole grammar after it, where the host cannot read it. */
function explained(error: unknown, stderr: string): unknown {
  const [, why] = /error parsing grammar: (.+)/.exec(stderr) ?? [];
  if (!(error instanceof TrustError) || error.code !== "INPUT_INVALID" || why === undefined) return error;
  return new TrustError(error.code, `llama.cpp cannot read the grammar: ${why}`, { cause: error });
}
