import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import * as z from "zod";

import { TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";
import { Descriptor, indexMediaType } from "../manifest.ts";
import { isMissing, namesIn, replaceFile } from "./files.ts";

const Index = z.looseObject({ schemaVersion: z.number(), manifests: z.array(Descriptor).nullish() });
const Tags = z.record(z.string(), Descriptor);

/** What one repository of the store holds: manifests, and tags of some. */
export interface RepositoryIndex {
  /** `registry/repository`. */
  name: string;
  manifests: Descriptor[];
  tags: Record<string, Descriptor>;
  /** Why not all that it held is known: a file of it is broken. Writing it makes it whole again. */
  problem?: string;
}

const allManifests = "index.json";
const indexEnd = "-index.json";
const tagsEnd = "-tags.json";

/** Padded base64url, as `kit` names its files. */
function encodeName(name: string): string {
  const encoded = Buffer.from(name).toString("base64url");
  return encoded + "=".repeat((4 - (encoded.length % 4)) % 4);
}

/** The file only repeats what the repositories have: when it is broken, they tell. */
export async function readAllManifests(root: string): Promise<Descriptor[]> {
  const listed = await onlyProblem(readManifests(join(root, allManifests)));
  if (!(listed instanceof TrustError)) return listed;
  return withoutTwins((await readRepositories(root)).flatMap(({ manifests }) => manifests));
}

export async function writeAllManifests(root: string, manifests: readonly Descriptor[]): Promise<void> {
  await replaceFile(join(root, allManifests), indexText(manifests));
}

/** As much as is known: tags also tell which manifests there are. */
export async function readRepository(root: string, name: string): Promise<RepositoryIndex> {
  const file = join(root, encodeName(name));
  const read = {
    tags: await onlyProblem(readTags(file + tagsEnd)),
    manifests: await onlyProblem(readManifests(file + indexEnd)),
  };
  const tags = read.tags instanceof TrustError ? {} : read.tags;
  const manifests = read.manifests instanceof TrustError ? withoutTwins(Object.values(tags)) : read.manifests;
  const problem = [read.tags, read.manifests].find((one) => one instanceof TrustError);
  return { name, manifests, tags, ...(problem === undefined ? {} : { problem: problem.message }) };
}

async function onlyProblem<T>(reading: Promise<T>): Promise<T | TrustError> {
  return reading.catch((error: unknown) => {
    if (error instanceof TrustError) return error;
    throw error;
  });
}

const withoutTwins = (manifests: readonly Descriptor[]): Descriptor[] => [
  ...new Map(manifests.map((one) => [one.digest, one])).values(),
];

/** A repository without manifests has no files. What is in one crashed in between is only unreachable, never missing. */
export async function writeRepository(root: string, { name, manifests, tags }: RepositoryIndex): Promise<void> {
  const file = join(root, encodeName(name));
  const isEmpty = Object.keys(tags).length === 0;
  if (manifests.length > 0) await replaceFile(file + indexEnd, indexText(manifests));
  if (isEmpty) await rm(file + tagsEnd, { force: true });
  else await replaceFile(file + tagsEnd, JSON.stringify(tags));
  if (manifests.length === 0) await rm(file + indexEnd, { force: true });
}

export async function readRepositories(root: string): Promise<RepositoryIndex[]> {
  const files = (await namesIn(root)).filter((name) => name.endsWith(indexEnd) && !name.startsWith("."));
  const names = files.map((file) => Buffer.from(file.slice(0, -indexEnd.length), "base64url").toString("utf8"));
  return Promise.all(names.toSorted().map((name) => readRepository(root, name)));
}

async function readManifests(path: string): Promise<Descriptor[]> {
  const text = await readIfThere(path);
  return text === undefined ? [] : (parseJson(text, Index, path, "KIT_CORRUPT").manifests ?? []);
}

async function readTags(path: string): Promise<RepositoryIndex["tags"]> {
  const text = await readIfThere(path);
  return text === undefined ? {} : parseJson(text, Tags, path, "KIT_CORRUPT");
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function indexText(manifests: readonly Descriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: indexMediaType, manifests });
}
