import { assertNever, type FileDiff, type Preview } from "@trust-cli/core/protocol";

import { reveal } from "../sanitise.ts";
import { bold, dim, type Line, prefixLines, span } from "../text/span.ts";
import { wrapHard } from "../text/width.ts";
import { diffView } from "./diff-view.ts";

/** A record of what was done is shown up to this many lines; what is approved is always shown whole. */
const recordLines = 40;

/** What a call will do, whole, under a line that names it. */
export function previewLines(preview: Preview, width: number): Line[] {
  switch (preview.kind) {
    case "diff":
      return fileLines(preview, width);
    case "changes":
      return preview.files.flatMap((file) => fileLines(file, width));
    case "command": {
      const command = wrapHard([bold(reveal(preview.command))], Math.max(1, width - 6));
      const place = wrapHard([dim(`in ${reveal(preview.cwd)}`)], Math.max(1, width - 4));
      return [...prefixLines(command, dim("    $ ")), ...prefixLines(place, span("    "))];
    }
    default:
      return assertNever(preview);
  }
}

function fileLines(file: FileDiff, width: number): Line[] {
  const { added, removed, lines } = diffView(file, width);
  const how = file.isNew ? " (new file)" : file.isRemoved === true ? " (removed)" : "";
  return [...wrapHard([span("    "), bold(reveal(file.path) + how), dim(`  +${added} −${removed}`)], width), ...lines];
}

/** What was done, below the card that names it; the start of it when it is long. */
export function recordedLines(preview: Preview, width: number): Line[] {
  if (preview.kind === "changes") return shortened(previewLines(preview, width));
  return preview.kind === "diff" ? shortened(diffView(preview, width).lines) : [];
}

function shortened(lines: Line[]): Line[] {
  const more = lines.length - recordLines;
  return more <= 1
    ? lines
    : [...lines.slice(0, recordLines), [dim(`    … ${more.toLocaleString("en-US")} more lines`)]];
}
