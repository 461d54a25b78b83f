import type { SessionConfigOption, SessionModeState } from "@agentclientprotocol/sdk";
import type { Mode } from "@trust-cli/core/policy";
import { TrustError } from "@trust-cli/core/protocol";

import { type AppFlags, withProfile } from "../composition/settings.ts";

/** What a person may change in an editor while a session goes on. */
export interface SessionState {
  model: string;
  mode: string;
  profile: string | undefined;
}

/** What there is to choose from. */
export interface SessionChoices {
  models: readonly { value: string; name: string; description?: string }[];
  profiles: readonly string[];
}

const modeChoices: readonly { id: Mode; name: string; description: string }[] = [
  { id: "plan", name: "Plan", description: "reads only" },
  { id: "ask", name: "Ask", description: "asks before it changes or runs anything" },
  { id: "edit", name: "Edit", description: "changes files without asking, asks before commands" },
  { id: "auto", name: "Auto", description: "asks before nothing" },
];

/** Stands for no profile by name in the editor's list. */
const noProfile = "none";

/** Editors show these as pickers. */
export function sessionOptions(state: SessionState, { models, profiles }: SessionChoices): SessionConfigOption[] {
  const known = models.some(({ value }) => value === state.model);
  const all = known ? models : [{ value: state.model, name: state.model }, ...models];
  return [
    {
      type: "select",
      id: "model",
      name: "Model",
      category: "model",
      currentValue: state.model,
      options: [...all],
    },
    {
      type: "select",
      id: "mode",
      name: "Mode",
      category: "mode",
      currentValue: state.mode,
      options: modeChoices.map(({ id: value, ...shown }) => ({ value, ...shown })),
    },
    ...(profiles.length === 0 ? [] : [profileOption(state.profile, profiles)]),
  ];
}

/** The same modes for clients that know them only as such. */
export const sessionModes = (currentModeId: string): SessionModeState => ({
  currentModeId,
  availableModes: [...modeChoices],
});

function profileOption(current: string | undefined, profiles: readonly string[]): SessionConfigOption {
  return {
    type: "select",
    id: "profile",
    name: "Profile",
    currentValue: current ?? noProfile,
    options: [{ value: noProfile, name: "As your settings say" }, ...profiles.map((value) => ({ value, name: value }))],
  };
}

/**
 * The flags after a choice; all others stay. A profile takes the place of a model and mode that were chosen by hand: it
 * is a set of such choices.
 */
export function flagsAfter(flags: AppFlags, optionId: string, value: string): AppFlags {
  switch (optionId) {
    case "model":
      return { ...flags, model: value };
    case "mode":
      return { ...flags, mode: value };
    case "profile":
      return withProfile(flags, value === noProfile ? undefined : value);
    default:
      throw new TrustError("USAGE", `there is no option ${optionId}`, { hint: "the options are model, mode, profile" });
  }
}
