import { TrustError } from "../protocol/errors.ts";
import { isLoopbackHost } from "../protocol/loopback.ts";

/** Names a kit. `registry` is `localhost` where the text names none: such a kit is only on this machine. */
export interface KitReference {
  registry: string;
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
}

export const defaultRegistry = "localhost";
/** Stands for the repository of a kit that is named by its digest alone. */
const anyRepository = "_";

const digestPattern = /^sha256:[0-9a-f]{64}$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const repositoryPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const registryPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/**
 * `[registry/]repository[:tag|@digest]`, with `kit://` before it or without. The first segment is a registry only
 * with a `.` or `:` in it. With both a tag and a digest the digest counts. Throws USAGE.
 */
export function parseReference(text: string): KitReference {
  const bare = text.startsWith("kit://") ? text.slice("kit://".length) : text;
  if (digestPattern.test(bare)) {
    return { registry: defaultRegistry, repository: anyRepository, tag: undefined, digest: bare };
  }
  const { registry, rest } = splitRegistry(bare);
  const [named, digest] = splitOnce(rest, "@");
  const [repository, tag] = splitOnce(named, ":");
  const isHost = registryPattern.test(registry) && URL.canParse(`https://${registry}`);
  if (!isHost) throw unusable(text, `${JSON.stringify(registry)} names no registry`);
  checkRepository(text, repository);
  if (digest !== undefined) {
    if (!digestPattern.test(digest)) throw unusable(text, "what follows @ must be sha256: and 64 hexadecimal digits");
    return { registry, repository, tag: undefined, digest };
  }
  if (tag !== undefined && !tagPattern.test(tag)) throw unusable(text, `${JSON.stringify(tag)} is no valid tag`);
  return { registry, repository, tag: tag ?? "latest", digest: undefined };
}

/** `reference[,tag2…]`, as `pack` takes it: one kit under several tags. */
export function parseReferences(text: string): [KitReference, ...KitReference[]] {
  const [first = "", ...tags] = text.split(",");
  const reference = parseReference(first);
  if (reference.digest !== undefined)
    throw unusable(text, "a kit gets its digest from what is in it, and a tag from you");
  const others = tags.map((tag) => {
    if (!tagPattern.test(tag)) throw unusable(text, `${JSON.stringify(tag)} is no valid tag`);
    return { ...reference, tag, digest: undefined };
  });
  return [reference, ...others];
}

/** Does the path of a model name another kit instead of a file? */
export function isReferenceToKit(path: string): boolean {
  if (!path.includes(":") && !path.includes("@")) return false;
  try {
    parseReference(path);
    return true;
  } catch {
    return false;
  }
}

/** The shortest text that means the same; the registry and repository of a bare digest are not shown. */
export function formatReference({ registry, repository, tag, digest }: KitReference): string {
  if (repository === anyRepository && digest !== undefined) return digest;
  const end = digest === undefined ? `:${tag ?? "latest"}` : `@${digest}`;
  return `${formatRepository(`${registry}/${repository}`)}${end}`;
}

/** `registry/repository` as people write it. */
export function formatRepository(name: string): string {
  return name.startsWith(`${defaultRegistry}/`) ? name.slice(defaultRegistry.length + 1) : name;
}

export function repositoryName({ registry, repository }: KitReference): string {
  return `${registry}/${repository}`;
}

export const namesAnyRepository = ({ repository }: KitReference): boolean => repository === anyRepository;

/** Is the registry this very machine? */
export function isLocalRegistry(registry: string): boolean {
  return isLoopbackHost(registry.replace(/:\d+$/, ""));
}

function splitRegistry(text: string): { registry: string; rest: string } {
  const slash = text.indexOf("/");
  const first = slash === -1 ? "" : text.slice(0, slash);
  if (/[.:]/.test(first)) return { registry: first, rest: text.slice(slash + 1) };
  return { registry: defaultRegistry, rest: text };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function checkRepository(text: string, repository: string): void {
  if (repositoryPattern.test(repository) && repository.length <= 255) return;
  const why = repository === repository.toLowerCase() ? "is no valid name" : "must be in lower case";
  throw unusable(text, `the repository ${JSON.stringify(repository)} ${why}`);
}

function unusable(text: string, why: string): TrustError {
  return new TrustError("USAGE", `${JSON.stringify(text)} names no kit: ${why}`, {
    hint: "a kit is named [REGISTRY/]REPOSITORY[:TAG|@DIGEST], for example registry.example.com/team/model:1.0",
  });
}
