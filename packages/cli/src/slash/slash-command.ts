/** What a slash command may do. Texts given to `show` are printed above the prompt. */
export interface SlashContext {
  readonly commands: readonly SlashCommand[];
  readonly show: (text: string) => void;
  readonly leave: () => void;
  /** Lets the person choose a model from a list, where there is a screen for it; shows the list otherwise. */
  readonly pickModel: () => Promise<void>;
  /** Shows which model answers from now on. Rejects, and changes nothing, when it cannot answer. */
  readonly useModel: (reference: string) => Promise<void>;
  /** The profiles there are, and the one in use, in words. */
  readonly describeProfiles: () => string;
  /** Goes on under another profile, or under none. Rejects, and changes nothing, when it cannot be used. */
  readonly useProfile: (name: string | undefined) => Promise<void>;
  readonly mode: () => string;
  /** Goes on in another mode. Rejects, and changes nothing, when it may not be used. */
  readonly useMode: (mode: string) => Promise<void>;
  /** Sends a message as if the person had typed it, once the command has ended. */
  readonly send: (text: string) => void;
  readonly clear: () => Promise<void>;
  readonly compact: () => Promise<string>;
  /** Takes back or repeats what turns did to files; gives what was done, in lines. */
  readonly undo: (direction: "undo" | "redo", argument: string | undefined) => Promise<string>;
  /** Goes back before a message, or lists them. */
  readonly rewind: (argument: string | undefined) => Promise<string>;
}

/** `argument` names what may follow, for help. `duringTurn`: it need not wait for the turn to end. */
export interface SlashCommand {
  name: string;
  argument?: string;
  description: string;
  duringTurn?: true;
  run(context: SlashContext, argument: string | undefined): Promise<void> | void;
}
