import {
  type ModelReference,
  overrideProfile,
  profileForServer,
  refineProfile,
  resolveModelReference,
} from "@trust-cli/core/models";
import type { CapabilityRecord, ScaffoldProfile } from "@trust-cli/core/ports";
import { oneLine } from "@trust-cli/core/protocol";

import { type App, createApp } from "../../composition/app.ts";
import { capabilityOf, lastDowngrade } from "../../composition/capability.ts";
import { chooseModel, sizeText } from "../../composition/model.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { capabilityRows, downgradeRows, type Row } from "./capability-rows.ts";
import { type ModelFacts, modelFacts } from "./facts.ts";
import { scaffoldRows } from "./scaffold-rows.ts";

export async function showModel(named: string | undefined, options: SharedOptions): Promise<number> {
  const app = await createApp(options, false);
  using interrupt = interruptSignal();
  const place = { cwd: app.workspace.root, environment: app.environment };
  const reference = await resolveModelReference(named ?? app.config.model, place);
  const facts = await modelFacts(reference, app, interrupt.signal);
  const capability = await capabilityOf(reference, app, interrupt.signal);
  const downgrade = await lastDowngrade(reference, app, interrupt.signal).catch(() => undefined);
  const scaffold = await scaffoldOf(reference, { app, facts, capability });
  const value = {
    ...facts,
    profile: scaffold.id,
    ...(capability && { capability }),
    ...(downgrade && { downgrade }),
    scaffold,
  };
  printResult(options.json, value, () =>
    factLines(facts, [...capabilityRows(capability), ...downgradeRows(downgrade), ...scaffoldRows(scaffold)]),
  );
  return 0;
}

interface Known {
  app: App;
  facts: ModelFacts;
  capability: CapabilityRecord | undefined;
}

/** How it would be treated; a model of a server is not loaded to find out. */
async function scaffoldOf(reference: ModelReference, { app, facts, capability }: Known): Promise<ScaffoldProfile> {
  const { config, workspace, paths, environment } = app;
  const chosen = await chooseModel({ ...config, model: reference.id }, workspace.root, paths, environment);
  await using _port = chosen.port;
  const isServer = reference.kind === "server" || reference.kind === "ollama";
  const sized = isServer ? profileForServer(facts.parameterCount) : chosen.profile;
  return overrideProfile(refineProfile(sized, capability), config.scaffold);
}

function factLines(facts: ModelFacts, measured: readonly Row[]): string {
  const rows: (readonly [string, string | undefined])[] = [
    ["model", facts.reference],
    ["name", facts.name],
    ["file", facts.path],
    ["size", facts.sizeBytes === undefined ? undefined : sizeText(facts.sizeBytes)],
    ["architecture", facts.architecture],
    ["parameters", [facts.parameters, facts.quantization].filter(Boolean).join(", ") || undefined],
    ["trained for", tokens(facts.trainedFor)],
    ["window", tokens(facts.contextSize)],
    ["chat template", yesNo(facts.hasTemplate)],
    ["calls tools", facts.callsNatively === undefined ? undefined : facts.callsNatively ? "by Ollama" : "in its text"],
    ...measured,
    ["place", facts.local ? "this machine" : "elsewhere: text leaves this machine"],
  ];
  return rows
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(15)} ${oneLine(value)}\n`]))
    .join("");
}

const tokens = (count: number | undefined): string | undefined =>
  count === undefined ? undefined : `${count.toLocaleString("en-US")} tokens`;

const yesNo = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : value ? "yes" : "no";
