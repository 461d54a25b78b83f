import type { Completion } from "./completion.ts";
import type { Dialog } from "./dialog.ts";
import type { Picker } from "./picker.ts";

/** What belongs to the keyboard and not to the conversation. */
export interface Screen {
  completion: Completion | undefined;
  dialog: Dialog | undefined;
  picker: Picker | undefined;
  /** What the text takes along, in words. */
  mentions: readonly string[];
  /** Stands in the status line for a moment. */
  hint: string | undefined;
}

export const emptyScreen: Screen = {
  completion: undefined,
  dialog: undefined,
  picker: undefined,
  mentions: [],
  hint: undefined,
};

export const changeScreen = (screen: Screen, change: Partial<Screen>): Screen => ({ ...screen, ...change });
