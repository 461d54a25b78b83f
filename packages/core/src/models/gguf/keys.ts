import { BrokenGguf } from "./bounded-reader.ts";
import type { Metadata } from "./metadata.ts";

/** The numbers that a file gives under its architecture's name. Truth values count as 0 and 1. */
export class Keys {
  readonly architecture: string;
  readonly #metadata: Metadata;

  constructor(metadata: Metadata, architecture: string) {
    this.architecture = architecture;
    this.#metadata = metadata;
  }

  has(name: string): boolean {
    return this.#metadata.has(`${this.architecture}.${name}`);
  }

  /** The value when it is one for all layers. */
  number(name: string): number | undefined {
    const value = this.#read(name);
    return typeof value === "number" ? value : undefined;
  }

  /** The values when there is one a layer. */
  list(name: string): readonly number[] | undefined {
    const value = this.#read(name);
    return typeof value === "object" ? value : undefined;
  }

  perLayer(name: string, index: number): number | undefined {
    const value = this.#read(name);
    return typeof value === "object" ? value[index] : value;
  }

  /** The largest of all layers. */
  largest(name: string): number | undefined {
    const value = this.#read(name);
    return typeof value === "object" ? Math.max(0, ...value) : value;
  }

  #read(name: string): number | readonly number[] | undefined {
    const value = this.#metadata.perLayer(`${this.architecture}.${name}`);
    for (const number of typeof value === "object" ? value : [value ?? 0]) {
      if (Number.isInteger(number) && number >= 0 && number < 2 ** 31) continue;
      throw new BrokenGguf(`its value ${this.architecture}.${name} is ${number}`);
    }
    return value;
  }
}
