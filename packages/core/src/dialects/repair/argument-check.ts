import formatsPlugin from "ajv-formats";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

import type { JsonSchema } from "../../protocol/tool-call.ts";
import { closeObjects } from "./close-objects.ts";
import { describeErrors } from "./describe-errors.ts";
import { plainSchema } from "./plain-schema.ts";
import { TooSlow, withTimeLimit } from "./time-limit.ts";

/** The schema as arguments are judged by it, and what is wrong with some. `unchecked`: why nothing can be judged. */
export interface ArgumentCheck {
  schema: JsonSchema;
  unchecked?: string;
  errorsOf(args: unknown): string[];
}

const largestSchema = 256 * 1024;
const limits = { compileMilliseconds: 2000, checkMilliseconds: 250 };
const bySchema = new WeakMap<JsonSchema, ArgumentCheck>();
const byText = new Map<string, ArgumentCheck>();

/** Compiles a schema once. Schemas come from strangers: one that cannot be compiled, in time, leaves its tool unchecked. */
export function argumentCheck(parameters: JsonSchema): ArgumentCheck {
  const known = bySchema.get(parameters);
  if (known !== undefined) return known;
  const text = JSON.stringify(parameters);
  const check = byText.get(text) ?? newCheck(parameters, text.length);
  byText.set(text, check);
  bySchema.set(parameters, check);
  return check;
}

function newCheck(parameters: JsonSchema, size: number): ArgumentCheck {
  try {
    if (size > largestSchema) throw new RangeError(`the schema is larger than ${largestSchema} bytes`);
    return withTimeLimit(limits.compileMilliseconds, () => compile(parameters));
  } catch (error) {
    const why = error instanceof TooSlow ? "compiling it takes too long" : (error as Error).message;
    return { schema: { type: "object" }, unchecked: why, errorsOf: () => [] };
  }
}

function compile(parameters: JsonSchema): ArgumentCheck {
  const schema = closeObjects(plainSchema(parameters));
  const validate = newAjv().compile(schema);
  return { schema, errorsOf: (args) => errorsOf(validate, schema, args) };
}

/** One for each schema: names inside of it mean nothing in another, and a compilation that is stopped breaks its own. */
function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    // Checks what may be wrong itself when it compiles; the schema of schemas would cost more than all else.
    validateSchema: false,
    logger: false,
    code: { regExp: lenientRegExp },
  });
  formatsPlugin.default(ajv);
  return ajv;
}

/** Patterns are written for one of two flavours, and some are valid in the older one only. */
function createRegExp(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return new RegExp(pattern);
  }
}
const lenientRegExp = Object.assign(createRegExp, { code: "lenientRegExp" });

function errorsOf(validate: ValidateFunction, schema: JsonSchema, args: unknown): string[] {
  try {
    if (withTimeLimit(limits.checkMilliseconds, () => validate(args))) return [];
    return describeErrors(validate.errors ?? [], args, schema);
  } catch (error) {
    if (error instanceof TooSlow) return ["the arguments take too long to check; write them simpler"];
    if (error instanceof RangeError) return ["the arguments are nested too deeply"];
    throw error;
  }
}
