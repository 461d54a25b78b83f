/** How much a tool may read, give back and wait. Results that reach a limit say so and how to go on. */
export interface ToolLimits {
  /** Lines of a result. */
  resultLines: number;
  /** Bytes of a result, except that of a command. */
  resultBytes: number;
  /** Characters of one line of a result. */
  lineColumns: number;
  commandSeconds: number;
  /** Bytes of a command's output: the first and the last ones are kept. */
  commandOutputBytes: number;
  /** Bytes of a file that can be changed. */
  fileBytes: number;
  /** Lines of a change that its result shows again, numbered. */
  changedLines: number;
  /** Files are replaced only by edits of what was read. */
  guarded: boolean;
}

export const defaultLimits: ToolLimits = {
  resultLines: 400,
  resultBytes: 65_536,
  lineColumns: 500,
  commandSeconds: 120,
  commandOutputBytes: 32_768,
  fileBytes: 10_000_000,
  changedLines: 0,
  guarded: false,
};
