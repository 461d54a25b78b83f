/** What a slash command may do. Texts given to `show` are printed above the prompt. */
export interface SlashContext {
  readonly commands: readonly SlashCommand[];
  readonly show: (text: string) => void;
  readonly leave: () => void;
  /** The model that answers, in words. */
  readonly describeModel: () => string;
  /** Shows which model answers from now on. Rejects, and changes nothing, when it cannot answer. */
  readonly useModel: (reference: string) => Promise<void>;
  readonly clear: () => Promise<void>;
  readonly compact: () => Promise<string>;
}

/** `argument` names what may follow, for help. `duringTurn`: it need not wait for the turn to end. */
export interface SlashCommand {
  name: string;
  argument?: string;
  description: string;
  duringTurn?: true;
  run(context: SlashContext, argument: string | undefined): Promise<void> | void;
}
