import { maxSatisfying } from "./range.ts";

/** Which version each dependency would get; those without any are left out. */
export function planUpgrade(
  wanted: Readonly<Record<string, string>>,
  published: Readonly<Record<string, readonly string[]>>,
): Record<string, string> {
  const plan: Record<string, string> = {};
  for (const [name, range] of Object.entries(wanted)) {
    const version = maxSatisfying(published[name] ?? [], range);
    if (version !== undefined) plan[name] = version;
  }
  return plan;
}
