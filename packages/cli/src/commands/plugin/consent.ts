import { TrustError } from "@trust-cli/core/protocol";
import { describeArguments, describePermissions, type PluginManifest } from "@trust-cli/plugins/manifest";
import { type InstalledPlugin, type PluginBundle, type PluginRegistry } from "@trust-cli/plugins/registry";

import { chooseAtTerminal } from "../../print/choose-at-terminal.ts";
import { writeNotice } from "../../print/output.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";

/** Shows what the plugin asks for, and binds a yes to exactly these files. Throws REFUSED for a no. */
export async function consent(
  registry: PluginRegistry,
  plugin: InstalledPlugin,
  bundle: PluginBundle,
  options: SharedOptions,
): Promise<number> {
  const { manifest, digest } = bundle;
  const words = requestWords(manifest, digest);
  if (options.yes !== true) await ask(stateWords(plugin, digest), manifest.id, words);
  const approved = await registry.approve(bundle);
  if (!approved.ok) throw approved.error;
  const { id, version, permissions, contributes } = manifest;
  const tools = contributes.tools.map(({ name }) => name);
  const shown = options.yes === true ? `${words}\n` : "";
  printResult(
    options.json,
    { id, version, digest, approved: true, permissions, tools },
    () => `${shown}${id} is approved. Its tools: ${tools.join(", ")}\n`,
  );
  return 0;
}

async function ask(state: string, id: string, words: string): Promise<void> {
  const hint = `trust plugin approve ${id} --yes`;
  writeNotice(words);
  if (!process.stdin.isTTY) throw new TrustError("REFUSED", `${state}: no one is there to ask`, { hint });
  using interrupt = interruptSignal();
  const choosing = { signal: interrupt.signal, fallback: false, onEnter: false };
  const isYes = await chooseAtTerminal("Approve it? [y/N] ", { y: true }, choosing);
  if (!isYes) throw new TrustError("REFUSED", state, { hint });
}

/** What holds without a yes. */
function stateWords({ manifest: { id, version }, approved, update }: InstalledPlugin, digest: string): string {
  if (approved?.digest === digest) return `the plugin ${id} is not approved again, and stays as it was`;
  if (update === undefined) return `the plugin ${id} is installed and not approved`;
  return `the plugin ${id} ${update.manifest.version} is installed and not approved, ${version} stays in use`;
}

function requestWords(
  { id, version, license, permissions, limits, contributes }: PluginManifest,
  digest: string,
): string {
  const tools = contributes.tools.flatMap(({ name, description, annotations, inputSchema }) => [
    `  ${name}: ${description}${annotations.readOnly ? "" : " (asks like a change)"}`,
    ...describeArguments(inputSchema).map((line) => `    ${line}`),
  ]);
  return [
    `${id} ${version} (${license}), sha256 ${digest.slice(0, 16)}`,
    "It may:",
    ...describePermissions(permissions).map((line) => `  ${line}`),
    `  use ${limits.memoryMB} MB of memory, and ${limits.cpuMsPerCall} ms of computing time a call`,
    "Its tools:",
    ...tools,
  ].join("\n");
}
