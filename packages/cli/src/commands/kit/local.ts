import { resolve } from "node:path";

import {
  inspectKit,
  packKit,
  parseFilter,
  parseReferences,
  removeKit,
  type StoredKit,
  unpackKit,
  verifyKit,
} from "@trust-cli/core/modelkit";
import { TrustError } from "@trust-cli/core/protocol";

import { createAppToLook } from "../../composition/app.ts";
import { modelsFolder, openKits } from "../../composition/kits.ts";
import { writeNotice } from "../../print/output.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressLine, sizeText } from "./progress-line.ts";

export type PackFlags = SharedOptions & { tag: string; file?: string; compression: "none" | "gzip" };
export type UnpackFlags = SharedOptions & { dir?: string; overwrite?: true; ignoreExisting?: true; filter?: string[] };

export async function pack(folder: string, flags: PackFlags): Promise<number> {
  const references = parseReferences(flags.tag);
  const { paths, workspace } = await createAppToLook(flags);
  using interrupt = interruptSignal();
  using progress = progressLine("packing");
  const packed = await packKit({
    store: await openKits(paths),
    folder: resolve(workspace.root, folder),
    kitfile: flags.file === undefined ? undefined : resolve(workspace.root, flags.file),
    references,
    compression: flags.compression,
    signal: interrupt.signal,
    onProgress: progress.onProgress,
  });
  for (const warning of packed.warnings) writeNotice(`Warning: ${warning}.`);
  const size = packed.layers.reduce((sum, layer) => sum + layer.size, 0);
  printResult(flags.json, packed, () => {
    return `Packed ${packed.references.join(", ")}: ${counted(packed.layers.length, "layer")}, ${sizeText(size)}\n${packed.digest}\n`;
  });
  return 0;
}

export async function unpack(reference: string, flags: UnpackFlags): Promise<number> {
  if (flags.overwrite === true && flags.ignoreExisting === true) {
    throw new TrustError("USAGE", "-o replaces files that are there, and -i keeps them: only one can be said");
  }
  const filters = (flags.filter ?? []).map(parseFilter);
  const { paths, workspace } = await createAppToLook(flags);
  using interrupt = interruptSignal();
  using progress = progressLine("unpacking");
  const unpacked = await unpackKit({
    store: await openKits(paths),
    reference,
    folder: resolve(workspace.root, flags.dir ?? "."),
    existing: flags.overwrite === true ? "overwrite" : flags.ignoreExisting === true ? "keep" : undefined,
    filters,
    signal: interrupt.signal,
    onProgress: progress.onProgress,
  });
  const { files, kept, folder } = unpacked;
  printResult(flags.json, unpacked, () => {
    const stayed = kept.length === 0 ? "" : `, ${kept.length} that were there stayed`;
    return `Unpacked ${counted(files.length - kept.length, "file")} into ${folder}${stayed}\n`;
  });
  return 0;
}

export async function list(flags: SharedOptions): Promise<number> {
  const { paths } = await createAppToLook(flags);
  const kits = await (await openKits(paths)).list();
  printResult(flags.json, kits, () => {
    if (kits.length === 0) return "No kits yet. Fetch one: trust kit pull REF\n";
    return kits
      .map((kit) => `${kit.digest.slice(7, 19).padEnd(12)}  ${sizeText(kit.size).padStart(9)}  ${namesOf(kit)}\n`)
      .join("");
  });
  return 0;
}

function namesOf({ repository, tags, digest, name, version, problem }: StoredKit): string {
  const byDigest = digest === "" ? repository : `${repository}@${digest}`;
  const names = tags.length === 0 ? byDigest : tags.map((tag) => `${repository}:${tag}`).join(", ");
  const title = [name, version].filter((word) => word !== undefined).join(" ");
  return `${names}${title === "" ? "" : `  (${title})`}${problem === undefined ? "" : `  damaged: ${problem}`}`;
}

export async function inspect(reference: string, flags: SharedOptions): Promise<number> {
  const { paths } = await createAppToLook(flags);
  const kit = await inspectKit(await openKits(paths), reference);
  printResult(flags.json, kit, () => `${JSON.stringify(kit, undefined, 2)}\n`);
  return 0;
}

export async function verify(reference: string, flags: SharedOptions): Promise<number> {
  const { paths } = await createAppToLook(flags);
  using interrupt = interruptSignal();
  using progress = progressLine("reading");
  const { onProgress } = progress;
  const verified = await verifyKit({ store: await openKits(paths), reference, signal: interrupt.signal, onProgress });
  printResult(flags.json, verified, () => {
    return `All ${counted(verified.blobs, "blob")} of ${reference} are right (${sizeText(verified.bytes)})\n`;
  });
  return 0;
}

export async function remove(reference: string, flags: SharedOptions): Promise<number> {
  const { paths } = await createAppToLook(flags);
  using interrupt = interruptSignal();
  const store = await openKits(paths);
  const options = { store, reference, modelsFolder: modelsFolder(paths), signal: interrupt.signal };
  const removed = await removeKit(options);
  for (const warning of removed.warnings) writeNotice(`Warning: ${warning}.`);
  printResult(flags.json, removed, () => `Removed ${reference}, which freed ${sizeText(removed.freedBytes)}\n`);
  return 0;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
