import { checkValue, failure, ok, parseUnknownJson, type Result, TrustError } from "@trust-cli/core/protocol";

import { PluginMessage } from "./messages.ts";
import { messageLimit } from "./orders.ts";

const deepest = 64;

/** Reads what a plugin's code sent. Never throws, whatever the text is. */
export function readPluginMessage(text: string): Result<PluginMessage> {
  if (text.length > messageLimit) return failure(invalid("it sent more than 1 MiB in one message"));
  try {
    const value = parseUnknownJson(text, "its message");
    const problem = makePlain(value);
    if (problem !== undefined) return failure(invalid(problem));
    return ok(checkValue(value, PluginMessage, "its message", "PLUGIN_FAILED"));
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return failure(invalid("it sent a message that is not understood"));
  }
}

/** Removes own `__proto__` keys, which a later assignment would follow; says what is wrong with the value otherwise. */
function makePlain(root: unknown): string | undefined {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth === deepest) return `it sent a value that is more than ${deepest} levels deep`;
    if (Object.hasOwn(value, "__proto__")) Reflect.deleteProperty(value, "__proto__");
    for (const inner of Object.values(value) as unknown[]) open.push({ value: inner, depth: depth + 1 });
  }
  return undefined;
}

const invalid = (message: string): TrustError => new TrustError("PLUGIN_FAILED", message);

const longestWords = 500;
const longestRead = 4000;
const stackLine = /^\s*at\s.*$/gm;
/** Folders of an absolute path; its last part stays. */
const folders = /(?<![\w./\\])(?:file:\/\/)?(?:[A-Za-z]:)?[\\/](?:[^\s\\/:'"`]+[\\/])+/g;

/** Words of a plugin, or of the machinery around it, without stacks and places on this machine. */
export function plainWords(text: string): string {
  const words = text
    .slice(0, longestRead)
    .replaceAll(stackLine, "")
    .replaceAll(folders, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return words.length > longestWords ? `${words.slice(0, longestWords)} …` : words;
}
