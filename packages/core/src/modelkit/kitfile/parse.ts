import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";

import { TrustError } from "../../protocol/errors.ts";
import { checkValue } from "../../protocol/json.ts";
import { type Field, Kitfile, kitfileShape, type Shape } from "./shape.ts";

/**
 * Reads a Kitfile strictly: a key that is unknown or there twice is KIT_INVALID with `source` and the line. A text
 * keeps what stands in the file, so `version: 1.10` is "1.10"; whole numbers in `parameters` come as bigint.
 */
export function parseKitfile(yaml: string, source: string): Kitfile {
  return new KitfileReader(yaml, source).read();
}

class KitfileReader {
  readonly #source: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(yaml: string, source: string) {
    this.#source = source;
    this.#document = parseDocument(yaml, { lineCounter: this.#lines, intAsBigInt: true, prettyErrors: false });
  }

  read(): Kitfile {
    const [error] = this.#document.errors;
    if (error !== undefined) throw this.#invalid(error.pos[0], error.message);
    const root = this.#document.contents;
    if (root === null || !isMap(root)) throw this.#invalid(0, "a Kitfile is a map of keys and values");
    return checkValue(this.#object(root, kitfileShape, "a Kitfile"), Kitfile, this.#source, "KIT_INVALID");
  }

  #object(map: YAMLMap, shape: Shape, where: string): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = isScalar(pair.key) ? String(pair.key.value) : "";
      const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
      if (field === undefined) {
        const keys = Object.keys(shape).join(", ");
        throw this.#invalid(pair.key, `unknown key ${JSON.stringify(key)} in ${where}; the keys are ${keys}`);
      }
      const value = this.#value(pair.value, field, key);
      if (value !== undefined) values[key] = value;
    }
    return values;
  }

  /** Null and nothing are the same as a key that is not there. */
  #value(given: Node | null, field: Field, name: string): unknown {
    const node = isAlias(given) ? (given.resolve(this.#document) as Node | undefined) : given;
    if (node === null || node === undefined || (isScalar(node) && node.value === null)) return undefined;
    if (field === "text") return this.#text(node, name);
    if (field === "any") return this.#any(node, name);
    if (field === "texts" || "list" in field) return this.#list(node, field, name);
    if (!isMap(node)) throw this.#invalid(node, `${name} must be a map of keys and values`);
    return this.#object(node, field.object, name);
  }

  #list(node: Node, field: "texts" | { list: Shape }, name: string): unknown[] {
    if (!isSeq(node)) throw this.#invalid(node, `${name} must be a list`);
    return (node.items as (Node | null)[]).map((item) => this.#item(item ?? node, field, name));
  }

  #item(item: Node, field: "texts" | { list: Shape }, name: string): unknown {
    const value = this.#value(item, field === "texts" ? "text" : { object: field.list }, name);
    if (value === undefined) throw this.#invalid(item, `an entry of ${name} is empty`);
    return value;
  }

  /** The characters of the file, not what YAML makes of them. */
  #text(node: Node, name: string): string {
    if (!isScalar(node)) throw this.#invalid(node, `${name} must be text`);
    return node.source ?? String(node.value);
  }

  #any(node: Node, name: string): unknown {
    try {
      const value: unknown = node.toJS(this.#document, { maxAliasCount: 100 });
      if (hasNoJsonForm(value)) throw new Error("it holds a number that JSON cannot write");
      return value;
    } catch (cause) {
      throw this.#invalid(node, `${name}: ${(cause as Error).message}`);
    }
  }

  #invalid(at: Node | number, message: string): TrustError {
    const offset = typeof at === "number" ? at : (at.range?.[0] ?? 0);
    const { line } = this.#lines.linePos(offset);
    return new TrustError("KIT_INVALID", `${this.#source}:${Math.max(line, 1)}: ${message}`);
  }
}

function hasNoJsonForm(value: unknown): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasNoJsonForm);
}
