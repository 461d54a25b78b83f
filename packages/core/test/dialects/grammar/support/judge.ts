import { expect } from "vitest";

import { schemaGrammar } from "../../../../src/dialects/index.ts";
import { spaced } from "./json-text.ts";
import { engine } from "./llama-engine.ts";

/** A schema with values that its grammar must admit, and others that it must not. */
export type Case = [what: string, schema: unknown, pass: unknown[], fail: unknown[]];

/** Values are written as models write them; what is no value is given as text. */
class Text {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
export const text = (written: string): Text => new Text(written);
const written = (value: unknown): string => (value instanceof Text ? value.text : spaced(value));

export function judge([, schema, pass, fail]: Case): void {
  const admits = engine(schemaGrammar(schema));
  expect(pass.map(written).filter((one) => !admits(one))).toEqual([]);
  expect(fail.map(written).filter(admits)).toEqual([]);
}
