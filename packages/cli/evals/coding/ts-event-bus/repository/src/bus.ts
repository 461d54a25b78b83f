export type Handler<T> = (payload: T) => void;
export type Unsubscribe = () => void;

/** Delivers events to handlers in the order of subscription. */
export class EventBus<Events extends Record<string, unknown>> {
  readonly #handlers = new Map<keyof Events, Handler<never>[]>();

  on<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): Unsubscribe {
    const handlers = this.#handlers.get(name) ?? [];
    this.#handlers.set(name, handlers);
    handlers.push(handler);
    return () => {
      handlers.splice(handlers.indexOf(handler), 1);
    };
  }

  once<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): Unsubscribe {
    const off = this.on(name, (payload) => {
      handler(payload);
      off();
    });
    return off;
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    for (const handler of this.#handlers.get(name) ?? []) (handler as Handler<Events[Name]>)(payload);
  }

  count(name: keyof Events): number {
    return this.#handlers.get(name)?.length ?? 0;
  }
}
