import { LineCounter, parseDocument } from "yaml";
import type * as z from "zod";

import { TrustError } from "../protocol/errors.ts";
import { checkValue } from "../protocol/json.ts";

/** Reads YAML against a schema. `source` names the text in errors, which are INPUT_INVALID. */
export function parseYaml<T>(text: string, schema: z.ZodType<T>, source: string): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new TrustError("INPUT_INVALID", `${source}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`);
  }
  return checkValue(
    plainValue(() => document.toJS() as unknown, source),
    schema,
    source,
    "INPUT_INVALID",
  );
}

/** Aliases are resolved up to a limit of the library, so that a few lines cannot become gigabytes. */
function plainValue(read: () => unknown, source: string): unknown {
  try {
    return read();
  } catch (cause) {
    throw new TrustError("INPUT_INVALID", `${source}: ${(cause as Error).message}`, { cause });
  }
}
