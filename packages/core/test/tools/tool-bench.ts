import type { Preview } from "../../src/protocol/index.ts";
import { temporaryJournal } from "../../src/testing/index.ts";
import { builtInTools, createReadLedger, defaultLimits, type ToolLimits } from "../../src/tools/index.ts";
import { openWorkspace } from "../../src/workspace/index.ts";

export interface Answer {
  status: "ok" | "failed" | "not prepared";
  text: string;
  summary: string;
  preview: Preview | undefined;
  streamed: string;
}

/** Calls tools as the engine does: schema, prepare, run. `between` happens while a person looks at the preview. */
export async function toolBench(root: string, limits: Partial<ToolLimits> = {}) {
  const workspace = await openWorkspace(root);
  const tools = builtInTools({
    workspace,
    changes: temporaryJournal(workspace),
    ledger: createReadLedger(),
    limits: { ...defaultLimits, ...limits },
  });
  return async (
    name: string,
    args: Record<string, unknown>,
    { between, signal = new AbortController().signal }: { between?: () => void; signal?: AbortSignal } = {},
  ): Promise<Answer> => {
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    const input = tool.input.parse(args);
    const prepared = await tool.prepare(input, signal);
    if (!prepared.ok) {
      const { message, hint = "" } = prepared.error;
      return {
        status: "not prepared",
        text: `${message} ${hint}`,
        summary: prepared.error.code,
        preview: undefined,
        streamed: "",
      };
    }
    between?.();
    let streamed = "";
    const outcome = await prepared.value.run(signal, (delta) => (streamed += delta));
    return { ...outcome, preview: prepared.value.preview, streamed };
  };
}
