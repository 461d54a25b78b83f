import * as z from "zod";

const count = z.int().positive();
const several = z.int().nonnegative();

/** Lines of the scaffold profile that the person sets otherwise. */
export interface ScaffoldLines {
  promptTokens?: number | undefined;
  outputTokens?: number | undefined;
  thoughtTokens?: number | undefined;
  callsPerStep?: number | undefined;
  reviews?: number | undefined;
  cards?: number | undefined;
  resultLines?: number | undefined;
  resultBytes?: number | undefined;
  changedLines?: number | undefined;
  guarded?: boolean | undefined;
  delegates?: boolean | undefined;
}

/** Each line of the scaffold profile that makes sense to change by hand. */
export const scaffoldSettings = {
  "scaffold.promptTokens": {
    schema: count,
    description: "tokens that a prompt may have at most; otherwise as fits the model",
    project: "never",
  },
  "scaffold.outputTokens": {
    schema: count,
    description: "tokens that one reply may have; otherwise as fits the model",
    project: "never",
  },
  "scaffold.thoughtTokens": {
    schema: count,
    description: "tokens of one thought; otherwise as fits the model",
    project: "never",
  },
  "scaffold.callsPerStep": {
    schema: count,
    description: "calls in one reply; otherwise as fits the model",
    project: "never",
  },
  "scaffold.reviews": {
    schema: several,
    description: "how often a turn goes on because the checks found new problems; otherwise as fits the model",
    project: "never",
  },
  "scaffold.cards": {
    schema: several,
    description: "cards of advice that go with a message; otherwise as fits the model",
    project: "never",
  },
  "scaffold.resultLines": {
    schema: count,
    description: "lines of a result; otherwise as fits the model",
    project: "never",
  },
  "scaffold.resultBytes": {
    schema: count,
    description: "bytes of a result; otherwise as fits the model",
    project: "never",
  },
  "scaffold.changedLines": {
    schema: several,
    description: "lines of a change that its result shows again; otherwise as fits the model",
    project: "never",
  },
  "scaffold.guarded": {
    schema: z.boolean(),
    description: "files are replaced only by edits of what was read; otherwise as fits the model",
    project: "never",
  },
  "scaffold.delegates": {
    schema: z.boolean(),
    description: "it may have a helper look something up; otherwise as fits the model",
    project: "never",
  },
} as const;
