import type * as z from "zod";

import type { Preview, Risk } from "../protocol/agent-events.ts";
import type { Result } from "../protocol/errors.ts";
import type { ToolStatus } from "../protocol/messages.ts";

/** What a tool gives back: `text` for the model, `summary` (a few words) for people. */
export interface ToolOutcome {
  status: Extract<ToolStatus, "ok" | "failed">;
  text: string;
  summary: string;
}

/** A call that was checked and is ready to run; nothing has been changed yet. */
export interface PreparedCall {
  preview?: Preview;
  /** Applies what `preview` shows, or fails with a conflict if the world changed since. */
  run(signal: AbortSignal, onOutput: (delta: string) => void): Promise<ToolOutcome>;
}

/**
 * A tool is a value in its own file. `subject` names the argument that matters, for rules and cards.
 * `prepare` may read inside the workspace; its failures go back to the model as data.
 */
export interface Tool<Input = unknown> {
  name: string;
  description: string;
  risk: Risk;
  input: z.ZodType<Input>;
  subject(input: Input): string;
  prepare(input: Input, signal: AbortSignal): Promise<Result<PreparedCall>>;
}
