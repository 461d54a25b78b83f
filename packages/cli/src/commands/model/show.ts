import { resolveModelReference } from "@trust-cli/core/models";
import { oneLine } from "@trust-cli/core/protocol";

import { createApp } from "../../composition/app.ts";
import { capabilityOf, lastDowngrade } from "../../composition/capability.ts";
import { sizeText } from "../../composition/model.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { capabilityRows, downgradeRows, type Row } from "./capability-rows.ts";
import { type ModelFacts, modelFacts } from "./facts.ts";

export async function showModel(named: string | undefined, options: SharedOptions): Promise<number> {
  const app = await createApp(options, false);
  using interrupt = interruptSignal();
  const place = { cwd: app.workspace.root, environment: app.environment };
  const reference = await resolveModelReference(named ?? app.config.model, place);
  const facts = await modelFacts(reference, app, interrupt.signal);
  const capability = await capabilityOf(reference, app, interrupt.signal);
  const downgrade = await lastDowngrade(reference, app, interrupt.signal).catch(() => undefined);
  const value = { ...facts, ...(capability && { capability }), ...(downgrade && { downgrade }) };
  printResult(options.json, value, () =>
    factLines(facts, [...capabilityRows(capability), ...downgradeRows(downgrade)]),
  );
  return 0;
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
    ["treated as", facts.profile],
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
