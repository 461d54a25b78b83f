import { TrustError } from "../../protocol/errors.ts";
import { parseUnknownJson } from "../../protocol/json.ts";

/** Looks into JSON of others, which may be anything. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const objectAt = (value: unknown, key: string): Json => {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : {};
};
export const listAt = (value: unknown, key: string): readonly unknown[] => {
  const found = isObject(value) ? value[key] : undefined;
  return Array.isArray(found) ? found : [];
};
export const textAt = (value: unknown, key: string): string => {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === "string" ? found : "";
};

/** Undefined when it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return parseUnknownJson(text, "the file");
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
}
