import type * as z from "zod";

import type { Preview, Risk } from "../protocol/agent-events.ts";
import type { Result } from "../protocol/errors.ts";
import type { Message, ToolStatus } from "../protocol/messages.ts";
import type { Usage } from "../protocol/model-events.ts";
import type { PlanItem } from "../protocol/plan.ts";
import type { Candidates, ToolCall } from "../protocol/tool-call.ts";

/** What a tool gives back: `text` for the model, `summary` (a few words) for people. */
export interface ToolOutcome {
  status: Extract<ToolStatus, "ok" | "failed">;
  text: string;
  summary: string;
  /** The plan from now on. */
  plan?: readonly PlanItem[];
  /** What it had models do. */
  usage?: Usage;
}

/** A call that was checked and is ready to run; nothing has been changed yet. */
export interface PreparedCall {
  preview?: Preview;
  /** What it runs, where only `prepare` knows: rules for `run_command` hold for it, too. */
  command?: string;
  /** Applies what `preview` shows, or fails with a conflict if the world changed since. */
  run(signal: AbortSignal, onOutput: (delta: string) => void): Promise<ToolOutcome>;
}

/** Where the values of a text argument come from: files and folders of the workspace, what was said, or a list. */
export type GroundSource =
  | "existing-file"
  | "existing-path"
  | "folder"
  | "conversation-span"
  | { values: readonly string[] };

/**
 * A tool is a value in its own file. `subject` names the argument that matters, for rules and cards.
 * `prepare` may read inside the workspace; its failures go back to the model as data.
 * `grounding` is for arguments that can only name what there is; no model is told of it.
 * `commandIsPrepared`: the gate decides by the `command` of the prepared call instead of the subject.
 */
export interface Tool<Input = unknown> {
  name: string;
  description: string;
  risk: Risk;
  commandIsPrepared?: true;
  input: z.ZodType<Input>;
  grounding?: Readonly<Record<string, GroundSource>>;
  subject(input: Input): string;
  /** Every path that the call changes, where `subject` is not the only one: rules must admit each. */
  targets?(input: Input): readonly string[];
  /** Names of other tools whose deny rules hold for this one, too. */
  deniedWith?(input: Input): readonly string[];
  prepare(input: Input, signal: AbortSignal): Promise<Result<PreparedCall>>;
}

/** A conversation whose next reply is grounded. `changes` grows with every call that may have changed files. */
export interface GroundQuery {
  tools: readonly Tool[];
  messages: readonly Message[];
  changes: number;
}

/** Knows what there is for arguments to name. */
export interface Grounding {
  /** The likeliest values, some hundred at most. An argument of which nothing is known is left out, and so free. */
  candidates(query: GroundQuery, signal: AbortSignal): Promise<Candidates>;
  /** What is wrong with a call that names what there is not, and what it may have meant. */
  objection(call: ToolCall, query: GroundQuery, signal: AbortSignal): Promise<string | undefined>;
}
