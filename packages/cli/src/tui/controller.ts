import type { AgentEvent, ApprovalDecision, Message } from "@trust-cli/core/protocol";

/** What the first lines of the screen say, known before any model is loaded. */
export interface ChatStart {
  version: string;
  cwdLabel: string;
  branch: string | undefined;
  modelName: string;
  modelNote: string;
  mode: string;
  notices: string[];
}

/** The model that answers. `note` says in a few words what it is; `local`: no text leaves this machine. */
export interface ModelInUse {
  name: string;
  contextSize: number;
  note: string;
  local: boolean;
  /** What the person must know before relying on it, a sentence each. */
  notes: readonly string[];
}

/** What a change of profile comes to. */
export interface InUse {
  model: ModelInUse;
  mode: string;
  profile: string | undefined;
}

/** A model to choose from, with texts for the screen that may be empty. */
export interface ModelChoice {
  /** What `/model` takes. */
  reference: string;
  group: string;
  name: string;
  size: string;
  window: string;
  status: string;
  inUse: boolean;
}

/** Everything the chat screen needs from the rest of the program. */
export interface ChatController {
  readonly start: ChatStart;
  /** A resumed session's messages, shown first. */
  readonly history: readonly Message[];
  /**
   * Begins loading the model behind the first frame. `onLoad` reports 0..1. Resolves with the model that answers when
   * this is done, also when it was changed meanwhile. Rejects with TrustError.
   */
  warmUp(onLoad: (fraction: number) => void): Promise<ModelInUse>;
  /** Runs one turn. Ends with exactly one `turn-end`, also after abort. */
  runTurn(text: string, signal: AbortSignal): AsyncIterable<AgentEvent>;
  decide(callId: string, decision: ApprovalDecision): void;
  /** What may be meant by what was typed after `@`, best first. */
  completeMention(prefix: string): Promise<string[]>;
  /** What a text takes along for each `@` in it, with its size, in words. */
  describeMentions(text: string, signal: AbortSignal): Promise<string[]>;
  /** The slash commands that need more than the screen. Strings are shown as they are. */
  command: {
    describeModel(): string;
    /** The models on this machine, groups together. Takes a moment: servers are asked. */
    listModels(signal: AbortSignal): Promise<readonly ModelChoice[]>;
    /** Changes the model once the new one can answer. Rejects, also on abort, and then the old one stays. */
    useModel(reference: string, signal: AbortSignal, onLoad: (fraction: number) => void): Promise<ModelInUse>;
    describeProfiles(): string;
    /** Goes on under another profile; rejects, and changes nothing, when it or its model cannot be used. */
    useProfile(name: string | undefined, signal: AbortSignal, onLoad: (fraction: number) => void): Promise<InUse>;
    /** Goes on in another mode; rejects, and changes nothing, when it may not be used. */
    useMode(mode: string, signal: AbortSignal): Promise<string>;
    clear(): Promise<void>;
    compact(): Promise<string>;
    undo(direction: "undo" | "redo", argument: string | undefined): Promise<string>;
    /** `isShorter`: the model knows less of the conversation now. */
    rewind(argument: string | undefined): Promise<{ text: string; isShorter: boolean }>;
  };
  /** What was typed in earlier sessions, oldest first. */
  inputHistory: { load(): Promise<string[]>; add(text: string): void };
}
