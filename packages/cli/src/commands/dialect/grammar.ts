import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { schemaGrammar } from "@trust-cli/core/dialects";
import { acceptsTexts } from "@trust-cli/core/models";
import { parseJson, parseUnknownJson, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

import { createAppToLook } from "../../composition/app.ts";
import { hostEntry } from "../../composition/locations.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { readText } from "./template.ts";

export type GrammarFlags = SharedOptions & { schema: string };
export type AcceptsFlags = SharedOptions & { schema?: string; gbnf?: string };

export async function printGrammar(flags: GrammarFlags): Promise<number> {
  const { workspace } = await createAppToLook(flags);
  const gbnf = grammarOf(resolve(workspace.root, flags.schema));
  printResult(flags.json, { gbnf, root: "root" }, () => gbnf);
  return 0;
}

const grammarOf = (path: string): string => schemaGrammar(parseUnknownJson(readText(path), path));

/** Texts are judged in batches of this many, so that answers come while lines still arrive. */
const batchLines = 500;

export async function judgeTexts(flags: AcceptsFlags): Promise<number> {
  const { workspace, paths } = await createAppToLook(flags);
  using interrupt = interruptSignal();
  const path = flags.schema ?? flags.gbnf;
  if (path === undefined || (flags.schema !== undefined && flags.gbnf !== undefined)) {
    throw new TrustError("USAGE", "give one of --schema and --gbnf", { hint: "trust dialect accepts --help" });
  }
  const file = resolve(workspace.root, path);
  const gbnf = flags.schema === undefined ? readText(file) : grammarOf(file);
  const entry = hostEntry(join(paths.data, "backends"));
  const judge = async (texts: readonly string[]): Promise<void> => {
    const accepted = await acceptsTexts(entry, { gbnf, root: "root" }, texts, interrupt.signal);
    process.stdout.write(accepted.map((one) => `${one}\n`).join(""));
  };
  let batch: string[] = [];
  let number = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    number++;
    if (line.trim() === "") continue;
    batch.push(parseJson(line, z.string(), `line ${number} on stdin`));
    if (batch.length < batchLines) continue;
    await judge(batch);
    batch = [];
  }
  if (batch.length > 0) await judge(batch);
  return 0;
}
