import { TrustError } from "../../protocol/errors.ts";

const usualPort = "11434";

/**
 * Where the person's Ollama listens: OLLAMA_HOST read as Ollama itself reads it, else this machine's port 11434. An
 * address that means every interface, as servers are given it, is this machine. Throws USAGE for what is no address.
 */
export function ollamaUrl(environment: Readonly<Record<string, string | undefined>>): URL {
  const host = environment["OLLAMA_HOST"]?.trim() || "127.0.0.1";
  const url = URL.parse(/^https?:\/\//i.test(host) ? host : withPort(host));
  if (url === null) {
    throw new TrustError("USAGE", `OLLAMA_HOST is not an address: ${host}`, {
      hint: "set it as 127.0.0.1:11434, or unset it",
    });
  }
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.hostname === "[::]") url.hostname = "[::1]";
  return url;
}

function withPort(host: string): string {
  const isBareIpv6 = (host.match(/:/g) ?? []).length > 1 && !host.startsWith("[");
  if (host.startsWith(":") && !isBareIpv6) return `http://127.0.0.1${host}`;
  const address = isBareIpv6 ? `[${host}]` : host;
  const hasPort = /^(\[[^\]]*\]|[^:/]*):\d+(\/|$)/.test(address);
  return `http://${hasPort ? address : address.replace(/^[^/]+/, `$&:${usualPort}`)}`;
}
