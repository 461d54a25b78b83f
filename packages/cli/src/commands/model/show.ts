import { resolveModelReference } from "@trust-cli/core/models";
import { oneLine } from "@trust-cli/core/protocol";

import { createApp } from "../../composition/app.ts";
import { sizeText } from "../../composition/model.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { type ModelFacts, modelFacts } from "./facts.ts";

export async function showModel(named: string | undefined, options: SharedOptions): Promise<number> {
  const app = await createApp(options, false);
  using interrupt = interruptSignal();
  const place = { cwd: app.workspace.root, environment: app.environment };
  const reference = await resolveModelReference(named ?? app.config.model, place);
  const facts = await modelFacts(reference, app, interrupt.signal);
  printResult(options.json, facts, () => factLines(facts));
  return 0;
}

function factLines(facts: ModelFacts): string {
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
    ["calls tools", yesNo(facts.canCallTools)],
    ["treated as", facts.profile],
    ["place", facts.local ? "this machine" : "elsewhere: text leaves this machine"],
  ];
  return rows
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(14)} ${oneLine(value)}\n`]))
    .join("");
}

const tokens = (count: number | undefined): string | undefined =>
  count === undefined ? undefined : `${count.toLocaleString("en-US")} tokens`;

const yesNo = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : value ? "yes" : "no";
