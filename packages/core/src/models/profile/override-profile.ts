import type { ScaffoldProfile } from "../../ports/scaffold.ts";

/** Lines of a scaffold profile that a person may set otherwise. */
export type ScaffoldOverrides = {
  readonly [
    Line in keyof Pick<
      ScaffoldProfile,
      | "promptTokens"
      | "outputTokens"
      | "thoughtTokens"
      | "callsPerStep"
      | "reviews"
      | "cards"
      | "resultLines"
      | "resultBytes"
      | "changedLines"
    >
  ]?: number | undefined;
} & { readonly guarded?: boolean | undefined; readonly delegates?: boolean | undefined };

/** The person's own lines count before everything that is known of the model. */
export function overrideProfile(
  profile: ScaffoldProfile,
  { guarded, delegates, ...lines }: ScaffoldOverrides,
): ScaffoldProfile {
  const set = Object.fromEntries(Object.entries(lines).filter(([, value]) => value !== undefined));
  const { guarded: isGuarded, delegates: mayDelegate, ...rest } = profile;
  return {
    ...rest,
    ...set,
    ...((guarded ?? isGuarded) === true ? { guarded: true } : {}),
    ...((delegates ?? mayDelegate) === true ? { delegates: true } : {}),
  };
}
