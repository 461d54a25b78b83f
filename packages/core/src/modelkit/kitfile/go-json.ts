const escapes: Readonly<Record<string, string>> = {
  "\u0008": "\\b",
  "\u000c": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

/** A text as Go's encoding/json writes it: HTML characters and U+2028, U+2029 escaped, lone surrogates replaced. */
export function goString(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what must be escaped
  const escaped = text.toWellFormed().replace(/[\u0000-\u001f"\\<>&\u2028\u2029]/g, (character) => {
    return escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** A value as Go's encoding/json writes it: keys sorted by their bytes, whole numbers exact. */
export function goJson(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return goString(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`JSON has no ${typeof value}`);
  const entries = Object.entries(value).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${entries.map(([key, item]) => `${goString(key)}:${goJson(item)}`).join(",")}}`;
}
