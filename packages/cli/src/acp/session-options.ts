import type { SessionConfigOption, SessionModeState } from "@agentclientprotocol/sdk";
import { Mode } from "@trust-cli/core/policy";
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

const modeNames: Readonly<Record<string, [name: string, description: string]>> = {
  plan: ["Plan", "reads only"],
  ask: ["Ask", "asks before it changes or runs anything"],
  edit: ["Edit", "changes files without asking, asks before commands"],
  auto: ["Auto", "asks before nothing"],
};

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
      options: Mode.options.map((value) => {
        const [name = value, description = ""] = modeNames[value] ?? [];
        return { value, name, description };
      }),
    },
    ...(profiles.length === 0 ? [] : [profileOption(state.profile, profiles)]),
  ];
}

/** The same modes for clients that know them only as such. */
export function sessionModes(currentModeId: string): SessionModeState {
  const availableModes = Mode.options.map((id) => {
    const [name = id, description = ""] = modeNames[id] ?? [];
    return { id, name, description };
  });
  return { currentModeId, availableModes };
}

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
