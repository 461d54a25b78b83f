import type { Message } from "../protocol/messages.ts";

export interface SessionSummary {
  id: string;
  createdAt: string;
  updatedAt: string;
  cwd: string;
  model: string;
  title: string;
  messages: number;
}

/** One open session: this process alone may append to it until it is disposed. */
export interface Session extends Disposable {
  readonly id: string;
  readonly messages: readonly Message[];
  /** Durable against the death of this process when it returns. */
  append(message: Message): void;
  /** Forgets the messages from this place on. */
  rewind(length: number): void;
}

export interface SessionStore extends Disposable {
  /** `id` was made earlier by `newSessionId`, for a front end that had to name the session before it began. */
  create(cwd: string, model: string, id?: string): Session;
  /** Throws SESSION_UNKNOWN, or SESSION_BUSY when another process has it open. */
  open(id: string): Session;
  /** The newest session of this folder, if there is one. */
  latest(cwd: string): SessionSummary | undefined;
  list(limit: number): SessionSummary[];
}
