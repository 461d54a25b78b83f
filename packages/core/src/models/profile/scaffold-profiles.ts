import type { ScaffoldProfile } from "../../ports/scaffold.ts";

/** What every model gets. */
const coreTools = [
  "list_directory",
  "find_files",
  "search_text",
  "read_file",
  "write_file",
  "edit_file",
  "run_command",
] as const;

/** The built-in model: 5.5 million parameters, trained on short prompts and one call at a time. */
export const nanoProfile: ScaffoldProfile = {
  id: "nano",
  prompt: "bare",
  promptTokens: 1600,
  outputTokens: 400,
  callsPerStep: 1,
  reviews: 0,
  cards: 0,
  thoughtTokens: undefined,
  asksForNext: false,
  earlierTurns: 0,
  resultLines: 40,
  resultBytes: 3000,
  lineColumns: 160,
  changedLines: 0,
  builtInTools: coreTools,
  constrainedCalls: true,
  showEvidence: true,
  sampling: { temperature: 0 },
};

const tinyProfile: ScaffoldProfile = {
  id: "tiny",
  prompt: "guided",
  promptTokens: 4096,
  outputTokens: 1024,
  callsPerStep: 1,
  reviews: 1,
  cards: 1,
  thoughtTokens: 512,
  asksForNext: true,
  earlierTurns: undefined,
  resultLines: 80,
  resultBytes: 8000,
  lineColumns: 240,
  changedLines: 12,
  guarded: true,
  builtInTools: [...coreTools, "search_and_read", "edit_symbol"],
  constrainedCalls: true,
  showEvidence: true,
  sampling: { temperature: 0 },
};

const smallProfile: ScaffoldProfile = {
  id: "small",
  prompt: "guided",
  promptTokens: 24_576,
  outputTokens: 4096,
  callsPerStep: 1,
  reviews: 2,
  cards: 2,
  thoughtTokens: 2048,
  asksForNext: true,
  earlierTurns: undefined,
  resultLines: 200,
  resultBytes: 24_000,
  lineColumns: 400,
  changedLines: 20,
  guarded: true,
  builtInTools: [
    ...coreTools,
    "replace_lines",
    "move_file",
    "delete_file",
    "search_and_read",
    "edit_symbol",
    "change_and_test",
    "outline",
    "find_symbol",
    "run_tests",
    "search_docs",
  ],
  constrainedCalls: true,
  showEvidence: false,
  sampling: { temperature: 0.2, topP: 0.95 },
};

const mediumProfile: ScaffoldProfile = {
  id: "medium",
  prompt: "guided",
  promptTokens: 98_304,
  outputTokens: 8192,
  callsPerStep: 8,
  reviews: 2,
  cards: 1,
  thoughtTokens: 8192,
  asksForNext: false,
  earlierTurns: undefined,
  resultLines: 400,
  resultBytes: 65_536,
  lineColumns: 500,
  changedLines: 40,
  builtInTools: [
    ...coreTools,
    "multi_edit",
    "replace_lines",
    "apply_patch",
    "move_file",
    "delete_file",
    "search_code",
    "outline",
    "find_symbol",
    "find_references",
    "run_tests",
    "run_checks",
    "search_docs",
    "plan",
  ],
  delegates: true,
  constrainedCalls: true,
  showEvidence: false,
  sampling: { temperature: 0.2, topP: 0.95 },
};

/** A server decodes by its own settings: we do not second-guess its sampling. */
export const serverProfile: ScaffoldProfile = { ...mediumProfile, id: "server", constrainedCalls: false, sampling: {} };

/** Of weights, about 0.6 GB a billion parameters at four bits. */
const bytesPerParameter = 0.6;
const billion = 1e9;

/** Chooses by the size of the weights. */
export const profileForSize = (sizeBytes: number): ScaffoldProfile => profileForCount(sizeBytes / bytesPerParameter);

/** The same for a model of a server that tells how large it is. */
export function profileForServer(parameterCount: number | undefined): ScaffoldProfile {
  if (parameterCount === undefined) return serverProfile;
  return { ...profileForCount(parameterCount), constrainedCalls: false, sampling: {} };
}

function profileForCount(parameterCount: number): ScaffoldProfile {
  if (parameterCount < 1.2 * billion) return tinyProfile;
  return parameterCount < 11.7 * billion ? smallProfile : mediumProfile;
}
