import { sanitiseLine } from "../sanitise.ts";
import { type Completion, shownCandidates } from "../state/completion.ts";
import { dim, type Line, span } from "../text/span.ts";
import { truncate } from "../text/width.ts";

export function completionLines({ kind, candidates, selected }: Completion, width: number): Line[] {
  const sign = kind === "file" ? "@" : "/";
  const names = candidates.slice(0, shownCandidates).map(({ value }) => sign + sanitiseLine(value));
  const longest = Math.max(...names.map((name) => name.length));
  return names.map((name, index) => {
    const isSelected = index === selected;
    const left = span(`${isSelected ? "  › " : "    "}${name.padEnd(longest)}`, isSelected ? { colour: "accent" } : {});
    return truncate([left, dim(`  ${candidates[index]?.note ?? ""}`)], width);
  });
}
