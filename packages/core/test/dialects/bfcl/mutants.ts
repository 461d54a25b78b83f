import type { Parameter, ValueType } from "./parameters.ts";

export const mutantKinds = ["wrong type", "wrong enum", "missing required", "unknown key"] as const;
export type MutantKind = (typeof mutantKinds)[number];

/** Arguments with one mistake. */
export interface Mutant {
  kind: MutantKind;
  args: Record<string, unknown>;
  /** A value of another type where a text may stand: where values are raw text, it is one. */
  readsAsText: boolean;
}

interface Spoilt {
  kind: MutantKind;
  value: unknown;
  readsAsText?: boolean;
}

/** Every mistake of these kinds that can be made once in the arguments. */
export function mutantsOf(parameter: Parameter, args: Record<string, unknown>): Mutant[] {
  return spoiltFields(parameter, args, true).map(({ kind, value, readsAsText = false }) => ({
    kind,
    args: value as Record<string, unknown>,
    readsAsText,
  }));
}

function spoilt(parameter: Parameter, value: unknown, isArgument: boolean): Spoilt[] {
  const { items } = parameter;
  const found: Spoilt[] = [...wrongTypes(parameter, isArgument), ...wrongEnum(parameter, value)];
  if (Array.isArray(value) && items !== undefined) {
    for (const [index, item] of value.entries()) {
      for (const one of spoilt(items, item, false)) found.push({ ...one, value: value.with(index, one.value) });
    }
  }
  if (parameter.fields === undefined) return found;
  return [...found, ...spoiltFields(parameter, value as Record<string, unknown>, false)];
}

/** `isCall`: the fields are the arguments of a call. */
function spoiltFields({ fields = [] }: Parameter, value: Record<string, unknown>, isCall: boolean): Spoilt[] {
  const keys = new Set(fields.map(({ name }) => name));
  const unknown = ["verbose", ...[...keys].map((key) => `${key}s`)].filter((key) => !keys.has(key));
  const found: Spoilt[] = unknown.map((key) => ({ kind: "unknown key", value: { ...value, [key]: "x" } }));
  for (const { name, required, parameter } of fields) {
    if (!Object.hasOwn(value, name)) continue;
    const { [name]: inner, ...others } = value;
    if (required) found.push({ kind: "missing required", value: others });
    for (const one of spoilt(parameter, inner, isCall)) found.push({ ...one, value: { ...value, [name]: one.value } });
  }
  return found;
}

const samples: readonly (readonly [ValueType, unknown])[] = [
  ["string", "seven"],
  ["integer", 7],
  ["float", 2.5],
  ["boolean", true],
  ["null", null],
  ["list", [["x"]]],
  ["dict", { x: 1 }],
];

function wrongTypes({ types }: Parameter, isArgument: boolean): Spoilt[] {
  const isTaken = (type: ValueType): boolean => types.includes(type) || (type === "integer" && types.includes("float"));
  const readsAsText = isArgument && types.includes("string");
  return samples
    .filter(([type]) => !isTaken(type))
    .map(([, value]): Spoilt => ({ kind: "wrong type", value, readsAsText }));
}

function wrongEnum({ schema }: Parameter, value: unknown): Spoilt[] {
  const listed = schema.enum;
  if (listed === undefined) return [];
  const near =
    typeof value === "number" ? [value + 1, value + 60] : [`${String(value)}s`, String(value).toUpperCase(), "other"];
  return near.filter((one) => !listed.includes(one)).map((one): Spoilt => ({ kind: "wrong enum", value: one }));
}
