import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import { openCodeIndex } from "../../src/codebase/index.ts";
import type { Preview } from "../../src/protocol/index.ts";
import type { TagReader } from "../../src/syntax/index.ts";
import { temporaryJournal } from "../../src/testing/index.ts";
import {
  builtInTools,
  createEditFailures,
  createReadLedger,
  defaultLimits,
  type ToolDependencies,
  type ToolLimits,
} from "../../src/tools/index.ts";
import { openWorkspace } from "../../src/workspace/index.ts";

export interface Answer {
  status: "ok" | "failed" | "not prepared";
  text: string;
  summary: string;
  preview: Preview | undefined;
  streamed: string;
}

/** The real parser and the real index, in a folder of its own. */
async function knownCode(
  root: string,
  reader: TagReader,
): Promise<Required<Pick<ToolDependencies, "code" | "problems">>> {
  const index = openCodeIndex({ root, file: join(await mkdtemp(join(tmpdir(), "trust-index-")), "code.db"), reader });
  onTestFinished(() => index[Symbol.dispose]());
  return {
    code: { fresh: async () => ({ index, isComplete: (await index.sync()).outcome === "synced" }) },
    problems: async (path, text) =>
      ((await reader.read(path, text))?.errors ?? []).map(({ line, message }) => `line ${line}: ${message}`),
  };
}

/** Calls tools as the engine does: schema, prepare, run. `between` happens while a person looks at the preview. */
export async function toolBench(
  root: string,
  limits: Partial<ToolLimits> = {},
  reader?: TagReader,
  others: Partial<ToolDependencies> = {},
) {
  const workspace = await openWorkspace(root);
  const known = reader === undefined ? undefined : await knownCode(workspace.root, reader);
  const tools = builtInTools({
    workspace,
    changes: temporaryJournal(workspace),
    ledger: createReadLedger(),
    failures: createEditFailures(known?.code),
    limits: { ...defaultLimits, ...limits },
    ...others,
    ...known,
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
