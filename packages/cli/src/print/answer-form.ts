import type { AnswerForm } from "@trust-cli/core/engine";

import { isObject, readSchemaValue, unusableSchema } from "./schema-file.ts";

/** The form of an answer, by the JSON Schema in a file. Throws INPUT_INVALID for a file that is no use. */
export async function readAnswerForm(file: string): Promise<AnswerForm> {
  const schema = await readSchemaValue(file);
  if (!isObject(schema)) throw unusableSchema(`${file} holds no JSON object`);
  const { argumentCheck } = await import("@trust-cli/core/dialects/repair");
  const check = argumentCheck(schema);
  if (check.unchecked !== undefined) {
    throw unusableSchema(`${file} is no JSON Schema that can be used: ${check.unchecked}`);
  }
  return { schema, errorsOf: (value) => check.errorsOf(value) };
}
