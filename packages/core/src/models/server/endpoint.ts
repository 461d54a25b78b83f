import { TrustError } from "../../protocol/errors.ts";
import { isLoopbackHost } from "../../protocol/loopback.ts";

/** Where an OpenAI-compatible server listens. `api` ends with the version (`…/v1/`), `root` is what it stands under. */
export interface Endpoint {
  api: URL;
  root: URL;
  /** The server runs on this machine, so that no text leaves it. */
  local: boolean;
}

export interface EndpointRules {
  /** Refuse every server that is not on this machine. */
  offline: boolean;
  /** The person named this server, so it may be elsewhere. */
  allowRemote: boolean;
}

/**
 * Reads a server's address, with or without `/v1`. Throws USAGE for what is no http address, OFFLINE or
 * REFUSED for a server elsewhere that the rules do not admit.
 */
export function resolveEndpoint(baseUrl: string, { offline, allowRemote }: EndpointRules): Endpoint {
  const url = parseUrl(baseUrl);
  const local = isLoopbackHost(url.hostname);
  if (!local && offline) {
    throw new TrustError("OFFLINE", `the model server ${url.host} is not on this machine, and offline mode is on`, {
      hint: "leave out --offline, or choose a local model with -m",
    });
  }
  if (!local && !allowRemote) {
    throw new TrustError("REFUSED", `the model server ${url.host} is not on this machine, and nobody asked for it`, {
      hint: `name it yourself: trust -m ${url.href}`,
    });
  }
  const path = url.pathname.replace(/\/+$/, "");
  const rootPath = path.replace(/\/v\d+$/, "");
  const version = path.slice(rootPath.length + 1) || "v1";
  return { api: new URL(`${rootPath}/${version}/`, url), root: new URL(`${rootPath}/`, url), local };
}

function parseUrl(baseUrl: string): URL {
  const url = URL.parse(baseUrl);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new TrustError("USAGE", `${baseUrl} is not the address of a model server`, {
    hint: "give it as http://127.0.0.1:8080/v1",
  });
}
