import { createInterface } from "node:readline/promises";

interface Choosing<T> {
  signal: AbortSignal;
  /** For an end of input, an interrupt or any other word. */
  fallback: T;
  onEnter: T;
}

/** One question on stderr, answered by a letter. */
export async function chooseAtTerminal<T>(
  question: string,
  answers: Readonly<Record<string, T>>,
  { signal, fallback, onEnter }: Choosing<T>,
): Promise<T> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const word = (await terminal.question(question, { signal })).trim().toLowerCase();
    return word === "" ? onEnter : (answers[word[0] ?? ""] ?? fallback);
  } catch {
    return fallback;
  } finally {
    terminal.close();
  }
}
