/** What a registry asks for in `WWW-Authenticate`. */
export type Challenge = { scheme: "basic" } | { scheme: "bearer"; realm: string; service?: string; scope?: string };

/** Undefined for a header that asks for something else. */
export function parseChallenge(header: string): Challenge | undefined {
  if (/^basic\b/i.test(header)) return { scheme: "basic" };
  if (!/^bearer\s/i.test(header)) return undefined;
  const values: Record<string, string> = {};
  for (const [, key = "", quoted, bare] of header.matchAll(/([a-z]+)=(?:"([^"]*)"|([^\s,]*))/gi)) {
    values[key.toLowerCase()] = quoted ?? bare ?? "";
  }
  const { realm, service, scope } = values;
  if (realm === undefined) return undefined;
  return {
    scheme: "bearer",
    realm,
    ...(service === undefined ? {} : { service }),
    ...(scope === undefined ? {} : { scope }),
  };
}
