import { assertions } from "./keywords.ts";

/** A schema as it comes from outside: any keyword may hold anything. */
export type Schema = Readonly<Record<string, unknown>>;

export const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const schemasIn = (value: unknown): Schema => (isSchema(value) ? value : {});
export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

const mostAlternatives = 256;
/** What looking at schemas may cost, for one list of them and for all. */
const mostSteps = 100_000;
const mostStepsOfAll = 1_000_000;

/** One of some schemas holds. */
class Choice {
  readonly options: readonly unknown[];

  constructor(options: readonly unknown[]) {
    this.options = options;
  }
}

/** What a schema says itself, without the schemas it refers to. */
class Own {
  readonly schema: Schema;

  constructor(schema: Schema) {
    this.schema = schema;
  }
}

/** An alternative in the making: what is still to be looked at, last first, and what was found. */
interface Branch {
  pending: unknown[];
  seen: Set<unknown>;
  parts: Schema[];
}

/** Takes schemas apart: `$ref`, `allOf`, `anyOf` and `oneOf` become alternatives, each a list of plain schemas. */
export class SchemaParts {
  readonly #root: Schema;
  #stepsOfAll = 0;

  constructor(root: unknown) {
    this.#root = schemasIn(root);
  }

  /**
   * A value that all of `schemas` admit is admitted by all schemas of one of the lists, which stand in the order in
   * which they are written and whose own references and combinations need no more looking at. None: no value is
   * admitted. Undefined: there would be too many. `oneOf` is taken as `anyOf`.
   */
  alternatives(schemas: readonly unknown[]): readonly (readonly Schema[])[] | undefined {
    const found: (readonly Schema[])[] = [];
    const branches: Branch[] = [{ pending: schemas.toReversed(), seen: new Set(), parts: [] }];
    let steps = 0;
    for (let branch = branches.pop(); branch !== undefined; branch = branches.pop()) {
      const step = branch.pending.length + branch.seen.size + 1;
      steps += step;
      this.#stepsOfAll += step;
      if (steps > mostSteps || this.#stepsOfAll > mostStepsOfAll || found.length > mostAlternatives) return undefined;
      if (branch.pending.length === 0) found.push(branch.parts);
      else {
        const next = this.#next(branch);
        if (next === undefined) return undefined;
        branches.push(...next.toReversed());
      }
    }
    return found;
  }

  /** Looks at one pending schema; gives the branches that it leaves, undefined where there are too many. */
  #next({ pending, seen, parts }: Branch): Branch[] | undefined {
    const next = pending.pop();
    if (next === false) return [];
    if (next instanceof Choice) {
      if (next.options.length > mostAlternatives) return undefined;
      return next.options.map((option) => ({ pending: [...pending, option], seen: new Set(seen), parts: [...parts] }));
    }
    if (next instanceof Own) parts.push(next.schema);
    else if (isSchema(next) && !seen.has(next)) {
      seen.add(next);
      const pieces = this.#pieces(next);
      if (pieces.length > mostAlternatives) return undefined;
      pending.push(...pieces.toReversed());
    }
    return [{ pending, seen, parts }];
  }

  /** In the order of the keywords, so that properties keep the order in which they are written. */
  #pieces(schema: Schema): unknown[] {
    const pieces = Object.entries(schema).flatMap(([keyword, value]): unknown[] => {
      if (keyword === "properties") return [new Own(schema)];
      if (keyword === "$ref") return typeof value === "string" ? [this.#resolve(value)] : [];
      if (keyword === "allOf") return [...listIn(value)];
      if (keyword !== "anyOf" && keyword !== "oneOf") return [];
      return Array.isArray(value) && value.length > 0 ? [new Choice(value as unknown[])] : [];
    });
    return pieces.some((piece) => piece instanceof Own) || !saysSomething(schema)
      ? pieces
      : [new Own(schema), ...pieces];
  }

  /** The schema that `$ref` names in this document; `true` where it is elsewhere or nowhere. */
  #resolve(reference: string): unknown {
    const { $id } = this.#root;
    const local = typeof $id === "string" && reference.startsWith(`${$id}#`) ? reference.slice($id.length) : reference;
    if (!local.startsWith("#/") && local !== "#") return this.#named(local) ?? true;
    let at: unknown = this.#root;
    for (const step of local.split("/").slice(1)) {
      const key = decoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
      if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return true;
      at = (at as Schema)[key];
    }
    return at;
  }

  #named(reference: string): Schema | undefined {
    const definitions = [this.#root["$defs"], this.#root["definitions"]].flatMap((one) =>
      Object.values(schemasIn(one)),
    );
    return definitions
      .filter(isSchema)
      .find(({ $anchor, $id }) => `#${String($anchor)}` === reference || $id === reference);
  }
}

/** Percent-encoded, since a reference is a URI; what is not well encoded is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const saysSomething = (schema: Schema): boolean => Object.keys(schema).some((keyword) => assertions.has(keyword));
