import { readSource } from "./read-source.ts";

export interface ShownLine {
  /** From 1. */
  line: number;
  text: string;
}

const longestShown = 200;

/** The lines of a file as it is now. */
export class SourceLines {
  readonly #lines: readonly string[];

  private constructor(text: string) {
    this.#lines = text.split("\n");
  }

  /** Undefined when there is no such text below the root any more. */
  static read(root: string, path: string): SourceLines | undefined {
    const source = readSource(root, path);
    return source?.content === "text" ? new SourceLines(source.text) : undefined;
  }

  get count(): number {
    return this.#lines.length;
  }

  text(line: number): string {
    return this.#lines[line - 1] ?? "";
  }

  /** Without the white space at its end, and cut when it is long. */
  shown(line: number): ShownLine {
    const text = this.text(line).trimEnd();
    return { line, text: text.length > longestShown ? `${text.slice(0, longestShown - 1)}…` : text };
  }
}
