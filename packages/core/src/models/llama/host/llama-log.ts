const kept = 8;

/** Passes llama.cpp's log on to stderr, and keeps the latest errors: its exceptions say nothing. */
export class LlamaLog {
  #errors: string[] = [];

  note(level: string, message: string): void {
    process.stderr.write(`${level} ${message}\n`);
    const line = message.trim();
    if ((level === "error" || level === "fatal") && line !== "") this.#errors = [...this.#errors, line].slice(-kept);
  }

  /** The latest errors, oldest first, which are then forgotten. */
  take(): string[] {
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }
}
