import { TrustError } from "../protocol/errors.ts";
import type { ResolvedPath, TextFile } from "../workspace/index.ts";
import type { CodeAccess } from "./code-access.ts";
import { nearestLine } from "./nearest-lines.ts";

/** Counts edits of a file in a row that fitted nowhere. */
export interface EditFailures {
  /** What the model is told: from the second time on the text to copy from, and less of it each time. */
  missed(edit: MissedEdit, error: TrustError): Promise<TrustError>;
  fitted(path: string): void;
}

interface MissedEdit {
  target: ResolvedPath;
  existing: TextFile;
  oldText: string;
}

/** Lines shown around the place: of the function it lies in, and then of the line itself. */
const most = { function: 60, line: 5 };

/**
 * A model that misses twice is shown the function that it probably means, to copy from; after that only a few lines: a
 * smaller task succeeds where a larger one failed.
 */
export function createEditFailures(code?: CodeAccess): EditFailures {
  const misses = new Map<string, number>();
  return {
    missed: async (edit, error) => {
      const times = (misses.get(edit.target.path) ?? 0) + 1;
      misses.set(edit.target.path, times);
      if (times < 2) return error;
      const lines = edit.existing.text.split(/\r?\n/);
      const at = nearestLine(lines, edit.oldText.split(/\r?\n/));
      if (at === undefined) return error;
      const place = { name: edit.target.name, at, lines };
      const [from, to] = times === 2 ? await functionAround(place, code) : around(place, most.line);
      return showing(edit.target.name, { from, text: lines.slice(from, to).join("\n") });
    },
    fitted: (path) => void misses.delete(path),
  };
}

interface Place {
  name: string;
  /** From 0. */
  at: number;
  lines: readonly string[];
}

type Range = readonly [from: number, to: number];

const around = ({ at, lines }: Place, count: number): Range => {
  const from = Math.max(0, at - Math.floor(count / 2));
  return [from, Math.min(lines.length, from + count)];
};

/** The smallest definition that holds the line, when it is not too long. */
async function functionAround(place: Place, code: CodeAccess | undefined): Promise<Range> {
  const { name, at } = place;
  const usual = around(place, Math.floor(most.function / 3));
  if (code === undefined) return usual;
  try {
    const { index } = await code.fresh(AbortSignal.timeout(1000));
    const holding = index.outline(name).filter(({ line, endLine }) => line <= at + 1 && at + 1 <= endLine);
    const smallest = holding.toSorted((a, b) => a.endLine - a.line - (b.endLine - b.line))[0];
    if (smallest === undefined || smallest.endLine - smallest.line >= most.function) return usual;
    return [smallest.line - 1, smallest.endLine];
  } catch {
    // Without the index the lines around have to do.
    return usual;
  }
}

function showing(name: string, { from, text }: { from: number; text: string }): TrustError {
  const message = `old_text does not occur in ${name}. The place as it stands, from line ${from + 1} on:\n${text}\n`;
  return new TrustError("TOOL_FAILED", message, {
    hint: "Copy two to four whole lines of it as old_text, with their indentation, and change only these",
  });
}
