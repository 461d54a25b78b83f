import { join } from "node:path";

import { temporaryWorkspace } from "@trust-cli/core/testing";
import { describe, expect, test } from "vitest";

import { readGrammarSchema } from "../../src/print/schema-file.ts";

async function read(text: string): Promise<unknown> {
  await using workspace = await temporaryWorkspace({ "schema.json": text });
  return await readGrammarSchema(join(workspace.path, "schema.json"));
}

describe("the schema of a grammar", () => {
  test.each([
    "true",
    "{}",
    '{"type":["str","null"]}',
    '{"type":"object","properties":{"type":{"type":"dict"},"pattern":{"pattern":"^a-z$"}}}',
    '{"items":{"$ref":"https://example.com/unknown"},"minimum":0,"exclusiveMinimum":true}',
  ])("may be %s", async (text) => {
    expect(JSON.stringify(await read(text))).toBe(text);
  });

  test.each([
    "7",
    "[]",
    "{",
    '{"type":"strng"}',
    '{"properties":{"a":{"anyOf":[{"type":"text"}]}}}',
    '{"items":[{"pattern":"("}]}',
    '{"pattern":7}',
  ])("may not be %s", async (text) => {
    await expect(read(text)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });
});
