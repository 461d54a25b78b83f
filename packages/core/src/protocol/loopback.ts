import { isIPv4 } from "node:net";

/** Is this host name or address this very machine? Brackets of IPv6 and mapped IPv4 addresses are understood. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.toLowerCase().replaceAll(/^\[|\]$/g, "");
  if (bare === "localhost" || bare === "::1" || bare === "0:0:0:0:0:0:0:1") return true;
  const mapped = bare.startsWith("::ffff:") ? bare.slice("::ffff:".length) : bare;
  return isIPv4(mapped) && mapped.startsWith("127.");
}
