const kept = 8;

/** Passes llama.cpp's log on, and keeps the latest errors: its exceptions say nothing. */
export class LlamaLog {
  readonly #write: (level: string, message: string) => void;
  #errors: string[] = [];

  constructor(write: (level: string, message: string) => void = toStandardError) {
    this.#write = write;
  }

  note(level: string, message: string): void {
    this.#write(level, message);
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

function toStandardError(level: string, message: string): void {
  process.stderr.write(`${level} ${message}\n`);
}
