import type { Sampling } from "./model.ts";

/**
 * How the engine treats a model of a certain strength: plain data, one value a capability class.
 * Token counts are in the model's own tokens.
 */
export interface ScaffoldProfile {
  id: string;
  /** Which system text: `bare` is the one line that the built-in model was trained on. */
  prompt: "bare" | "guided";
  /** Prompts are kept below this even where the window is larger. */
  promptTokens: number;
  outputTokens: number;
  /** Turns before the current one that the model is sent; undefined: as many as fit. */
  earlierTurns: number | undefined;
  callsPerStep: number;
  /** How often a turn that changed files goes on because the project's checks found new problems. */
  reviews: number;
  /** Cards of advice that go with a question, at most. */
  cards: number;
  /** Tokens of one thought, after which it is ended by force; undefined: as many as the reply has room for. */
  thoughtTokens: number | undefined;
  /** Such a model may only announce a call: it is then asked, shortly, whether it meant one. */
  asksForNext: boolean;
  /** Where a tool result is cut, with a note how to read on: lines, bytes, characters of a line. */
  resultLines: number;
  resultBytes: number;
  lineColumns: number;
  /** Lines of a change that its result shows again, with their new numbers. */
  changedLines: number;
  /** It may hand the search for something to a helper: itself, in a conversation of its own. */
  delegates?: true;
  /** Files are replaced only by edits of what was read. */
  guarded?: true;
  /** Trust's own tools that it is offered; undefined: all. */
  builtInTools?: readonly string[];
  /** Calls are decoded under the grammar of the offered signatures. */
  constrainedCalls: boolean;
  /** Arguments that name what there is can name nothing else. */
  grounded?: true;
  /** It is offered Trust's own tools alone, and others only where the person names them. */
  coreToolsOnly?: true;
  /** Shows the lines that were read beside the model's sentence. */
  showEvidence: boolean;
  sampling: Sampling;
}
