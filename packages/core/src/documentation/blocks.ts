/** A piece of a document, in its order. `line` counts from 1 in the file that it was read from. */
export type Block =
  | { type: "heading"; level: number; text: string; line: number; symbol?: string | undefined }
  | { type: "text" | "code"; text: string; line: number };

/** Text in pieces at its empty lines, which are left out. */
export function paragraphs(text: string, firstLine: number): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let begin = firstLine;
  const close = (): void => {
    if (lines.length > 0) blocks.push({ type: "text", text: lines.join("\n"), line: begin });
    lines = [];
  };
  for (const [index, line] of linesOf(text).entries()) {
    if (line.trim() === "") {
      close();
      continue;
    }
    if (lines.length === 0) begin = firstLine + index;
    lines.push(line);
  }
  close();
  return blocks;
}

export const linesOf = (text: string): string[] => text.split(/\r\n|\n|\r/);

/** Blocks below a heading: their own headings become ones below its level. */
export const below = (level: number, blocks: readonly Block[]): Block[] =>
  blocks.map((block) => (block.type === "heading" ? { ...block, level: block.level + level } : block));
