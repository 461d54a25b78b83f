import type { ScaffoldProfile } from "@trust-cli/core/ports";

import type { Row } from "./capability-rows.ts";

/** How the engine treats a model, a line each, for people. The settings scaffold.… change any of it. */
export function scaffoldRows(profile: ScaffoldProfile): Row[] {
  const { id, promptTokens, outputTokens, thoughtTokens, callsPerStep, reviews, cards } = profile;
  const { resultLines, resultBytes, changedLines, guarded, builtInTools, delegates } = profile;
  const thoughts = thoughtTokens === undefined ? "" : `, thoughts to ${number(thoughtTokens)}`;
  return [
    ["treated as", id],
    ["tokens", `prompts to ${number(promptTokens)}, replies to ${number(outputTokens)}${thoughts}`],
    ["results", `to ${number(resultLines)} lines and ${number(resultBytes)} bytes; of changes ${changedLines} lines`],
    ["calls", `${callsPerStep} in a reply${guarded === true ? "; files must be read before they are changed" : ""}`],
    ["help", `${reviews} reviews, ${cards} cards${delegates === true ? ", helpers" : ""}`],
    ["tools", builtInTools?.join(" ") ?? "all"],
  ];
}

const number = (value: number): string => value.toLocaleString("en-US");
