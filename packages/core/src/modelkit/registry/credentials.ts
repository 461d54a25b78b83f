import { readFile } from "node:fs/promises";

import * as z from "zod";

import { TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";

/** How a person signs in at one registry. */
export type Credentials = { kind: "basic"; header: string } | { kind: "token"; token: string };

const Entry = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  registrytoken: z.string().optional(),
});
const CredentialFile = z.object({ auths: z.record(z.string(), Entry).optional() });

/** Looks in files of Docker's format, the first that knows the registry wins. Programs that keep secrets are not asked. */
export async function readCredentials(files: readonly string[], registry: string): Promise<Credentials | undefined> {
  for (const file of files) {
    const text = await readIfThere(file);
    if (text === undefined) continue;
    const { auths = {} } = parseJson(text, CredentialFile, file, "CONFIG_INVALID");
    const found = Object.entries(auths).find(([name]) => isFor(name, registry));
    const credentials = found === undefined ? undefined : credentialsOf(found[1]);
    if (credentials !== undefined) return credentials;
  }
  return undefined;
}

/** Keys are hosts, or addresses as older versions of Docker wrote them. */
function isFor(name: string, registry: string): boolean {
  const host = name.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return host === registry || (registry === "docker.io" && host === "index.docker.io");
}

function credentialsOf({ auth, username, password, registrytoken }: z.infer<typeof Entry>): Credentials | undefined {
  if (registrytoken !== undefined && registrytoken !== "") return { kind: "token", token: registrytoken };
  if (auth !== undefined && auth !== "") return { kind: "basic", header: `Basic ${auth}` };
  if (username === undefined || password === undefined) return undefined;
  return { kind: "basic", header: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new TrustError("CONFIG_UNREADABLE", `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
