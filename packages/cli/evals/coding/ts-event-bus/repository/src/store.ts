import { EventBus } from "./bus.ts";
import type { Unsubscribe } from "./bus.ts";

type StoreEvents<T> = { change: { before: T; after: T } };

/** A value that tells when it changes. */
export class Store<T> {
  #value: T;
  readonly #bus = new EventBus<StoreEvents<T>>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(after: T): void {
    const before = this.#value;
    if (Object.is(before, after)) return;
    this.#value = after;
    this.#bus.emit("change", { before, after });
  }

  subscribe(handler: (after: T, before: T) => void): Unsubscribe {
    return this.#bus.on("change", ({ before, after }) => handler(after, before));
  }
}
