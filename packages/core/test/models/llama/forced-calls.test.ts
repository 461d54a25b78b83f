import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createCallMender } from "../../../src/dialects/index.ts";
import type { JsonSchema, JsonSchemaObject, ToolSignature } from "../../../src/protocol/tool-call.ts";
import { ofType, randomLlama, replyTo, request, type ScriptedLlama } from "./llama-bench.ts";

/** The full number is run with TRUST_SCHEMAS=500. */
const count = Number(process.env["TRUST_SCHEMAS"] ?? 40);

const key = fc.stringMatching(/^[a-z][a-z_]{1,8}$/);
const scalar: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.nat(12).map((maxLength) => ({ type: "string", maxLength })),
  fc.constant<JsonSchema>({ type: "boolean" }),
  fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.nat(500))
    .map(([minimum, more]) => ({ type: "integer", minimum, maximum: minimum + more })),
  fc.constant<JsonSchema>({ type: "number" }),
  fc
    .uniqueArray(fc.oneof(key, fc.integer(), fc.boolean(), fc.constant(null)), { minLength: 1, maxLength: 4 })
    .map((values) => ({ enum: values })),
  fc.constant<JsonSchema>({ type: ["integer", "null"] }),
  fc.constant<JsonSchema>({ type: "string", pattern: "^[a-f]{2,4}-[0-9]+$" }),
);
const { schema } = fc.letrec<{ schema: JsonSchema; object: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc
      .tuple(tie("schema"), fc.nat(2))
      .map(([items, minItems]): JsonSchema => ({ type: "array", items, minItems, maxItems: minItems + 2 })),
    tie("object"),
    fc.tuple(scalar, tie("schema")).map((anyOf): JsonSchema => ({ anyOf })),
  ),
  object: fc.dictionary(key, tie("schema"), { maxKeys: 3 }).map(objectOf),
}));

function objectOf(properties: Record<string, JsonSchema>): JsonSchemaObject {
  const required = Object.keys(properties).filter((_, index) => index % 2 === 0);
  return { type: "object", properties, required, additionalProperties: false };
}

const tools: ToolSignature[] = fc
  .sample(fc.dictionary(key, schema, { minKeys: 1, maxKeys: 4 }), { seed: 5, numRuns: count })
  .map((properties, index) => ({
    name: `tool_${index}`,
    description: "Does something",
    parameters: objectOf(properties),
  }));

describe("a model of random weights that is forced to call", () => {
  let random: ScriptedLlama;
  beforeAll(async () => {
    random = await randomLlama({ seed: 7, chunks: ['"', '", ', "{", "}"] });
  });
  afterAll(() => random[Symbol.asyncDispose]());

  test(`calls each of ${count} tools with arguments that its schema admits, or is cut off and calls nothing`, async () => {
    let whole = 0;
    for (const tool of tools) {
      const mend = createCallMender([tool]);
      const asked = request("Go on.", {
        tools: [tool],
        toolChoice: { name: tool.name },
        maxTokens: 600,
        sampling: { temperature: 1, seed: 1 },
      });
      const events = await replyTo(random.model, asked);
      const calls = ofType(events, "call-end").map(({ call }) => call);
      const invalid = ofType(events, "call-invalid");
      const isCut = events.at(-1)?.type === "finish" && ofType(events, "finish")[0]?.reason === "length";
      expect({ calls: calls.length, cut: invalid.map(({ truncated }) => truncated) }).toEqual(
        isCut && calls.length === 0 ? { calls: 0, cut: [true] } : { calls: 1, cut: [] },
      );
      for (const call of calls) {
        expect(call).toMatchObject({ name: tool.name, via: "forced", repairs: [] });
        expect(mend(call), JSON.stringify({ args: call.args, schema: tool.parameters })).toEqual({ ok: true, call });
        whole++;
      }
    }
    expect(whole).toBeGreaterThan(count * 0.8);
  }, 600_000);
});
