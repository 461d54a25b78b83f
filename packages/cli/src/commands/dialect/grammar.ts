import { resolve } from "node:path";

import { schemaGrammar } from "@trust-cli/core/dialects";
import { acceptsTexts } from "@trust-cli/core/models";
import { parseJson, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

import { createAppToLook } from "../../composition/app.ts";
import { privateHostEntry } from "../../composition/locations.ts";
import type { Settings } from "../../composition/settings.ts";
import { readGrammarSchema } from "../../print/schema-file.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { lineBatches } from "./line-batches.ts";
import { readText } from "./template.ts";

export type GrammarFlags = SharedOptions & { schema: string };
export type AcceptsFlags = SharedOptions & { schema?: string; gbnf?: string };

export async function printGrammar(flags: GrammarFlags): Promise<number> {
  const { workspace } = await createAppToLook(flags);
  const gbnf = await grammarOf(resolve(workspace.root, flags.schema));
  printResult(flags.json, { gbnf, root: "root" }, () => gbnf);
  return 0;
}

const grammarOf = async (path: string): Promise<string> => schemaGrammar(await readGrammarSchema(path));

/** Texts are judged in batches of at most this many, each in a host of its own. */
const batchLines = 500;

/** One answer a line, as the lines come. What stands before a line that is no text is still answered. */
export async function judgeTexts(flags: AcceptsFlags): Promise<number> {
  const { workspace, paths, config } = await createAppToLook(flags);
  using interrupt = interruptSignal();
  const gbnf = await namedGrammar(flags, workspace);
  const entry = privateHostEntry(config, paths);
  let number = 0;
  for await (const lines of lineBatches(process.stdin, batchLines, interrupt.signal)) {
    const { texts, failure } = readTexts(lines, number);
    number += lines.length;
    const accepted =
      texts.length === 0 ? [] : await acceptsTexts(entry, { gbnf, root: "root" }, texts, interrupt.signal);
    process.stdout.write(accepted.map((one) => `${one}\n`).join(""));
    if (failure !== undefined) throw failure;
  }
  return 0;
}

async function namedGrammar({ json, schema, gbnf }: AcceptsFlags, workspace: Settings["workspace"]): Promise<string> {
  const hint = "trust dialect accepts --help";
  if (json === true) throw new TrustError("USAGE", "accepts prints one answer a line; leave out --json", { hint });
  if (schema !== undefined && gbnf === undefined) return grammarOf(resolve(workspace.root, schema));
  if (gbnf !== undefined && schema === undefined) return readText(resolve(workspace.root, gbnf));
  throw new TrustError("USAGE", "give one of --schema and --gbnf", { hint });
}

/** The texts up to a line that is none, and what is wrong with that line. `before`: how many lines came earlier. */
function readTexts(lines: readonly string[], before: number): { texts: string[]; failure?: TrustError } {
  const texts: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    try {
      texts.push(parseJson(line, z.string(), `line ${before + index + 1} on stdin`));
    } catch (error) {
      if (error instanceof TrustError) return { texts, failure: error };
      throw error;
    }
  }
  return { texts };
}
