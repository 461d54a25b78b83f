import { editDistance } from "../protocol/edit-distance.ts";
import { TrustError } from "../protocol/errors.ts";
import { describeIssues } from "../protocol/json.ts";
import { isSettingKey, type SettingKey, settingFor, settingKeys } from "./settings.ts";

/** The value, if it is right for its setting; `place` comes first in the error. */
export function checkSetting(key: SettingKey, value: unknown, place: string): unknown {
  const parsed = settingFor(key).schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = describeIssues(parsed.error).join("; ");
  throw invalidSettings(`${place}${key}: ${issues}`, `${key} is ${settingFor(key).description}`);
}

export const invalidSettings = (message: string, hint = "trust config path names the files in use"): TrustError =>
  new TrustError("CONFIG_INVALID", message, { hint });

export function knownKey(key: string): SettingKey {
  if (isSettingKey(key)) return key;
  throw new TrustError("USAGE", `there is no setting ${shownKey(key)}`, {
    hint: `did you mean ${nearestKey(key)}? trust config get lists all`,
  });
}

const longestShownKey = 60;

/** An unknown key as an error shows it: a file may hold one of any length. */
export const shownKey = (key: string): string =>
  key.length > longestShownKey ? `${key.slice(0, longestShownKey - 1)}…` : key;

/** The setting whose name is closest, by edits. */
export function nearestKey(text: string): SettingKey {
  const key = shownKey(text);
  const [first, ...rest] = settingKeys.map((known) => ({ known, distance: editDistance(key, known) }));
  if (first === undefined) throw new Error("there are no settings");
  return rest.reduce((best, next) => (next.distance < best.distance ? next : best), first).known;
}
