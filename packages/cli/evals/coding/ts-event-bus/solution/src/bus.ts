export type Handler<T> = (payload: T) => void;
export type Unsubscribe = () => void;

interface Subscription {
  handler: Handler<never>;
}

/** Delivers events to handlers in the order of subscription. */
export class EventBus<Events extends Record<string, unknown>> {
  readonly #handlers = new Map<keyof Events, Set<Subscription>>();

  on<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): Unsubscribe {
    const subscriptions = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, subscriptions);
    const subscription: Subscription = { handler };
    subscriptions.add(subscription);
    return () => {
      subscriptions.delete(subscription);
    };
  }

  once<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): Unsubscribe {
    const off = this.on(name, (payload) => {
      off();
      handler(payload);
    });
    return off;
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    const subscriptions = this.#handlers.get(name) ?? new Set<Subscription>();
    const errors: unknown[] = [];
    for (const subscription of [...subscriptions]) {
      if (!subscriptions.has(subscription)) continue;
      try {
        (subscription.handler as Handler<Events[Name]>)(payload);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} handlers of ${String(name)} failed`);
  }

  count(name: keyof Events): number {
    return this.#handlers.get(name)?.size ?? 0;
  }
}
