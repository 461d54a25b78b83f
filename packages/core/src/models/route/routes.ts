import type { ModelInfo, ModelPort } from "../../ports/model.ts";
import { isAbort, TrustError } from "../../protocol/errors.ts";

/** A model that may be asked. `local`: as far as its address tells; what a server does with text, only it can say. */
interface Backend {
  port: ModelPort;
  local: boolean;
}

/** A place in the order of models. It is opened when its turn comes. */
export interface Route {
  /** As the person names the model. */
  id: string;
  open(): Backend | Promise<Backend>;
}

/** Why one backend gave way to another, for people, and what the other one is. */
export interface Switch {
  notice: string;
  info: ModelInfo;
}

interface RouteRules {
  allowRemote: boolean;
  onSwitch: ((id: string) => void) | undefined;
}

interface Opened extends Backend {
  id: string;
}

/** Walks down an ordered list of backends, and never from this machine to another without consent. */
export class Routes implements AsyncDisposable {
  readonly #routes: readonly Route[];
  readonly #rules: RouteRules;
  readonly #opened = new Map<Route, Opened>();
  #index = 0;
  #passedOver: string[] = [];

  constructor(routes: readonly Route[], rules: RouteRules) {
    this.#routes = routes;
    this.#rules = rules;
  }

  async current(): Promise<Opened> {
    const route = this.#routes[this.#index];
    if (route === undefined) throw new Error("there is no model to route to");
    return this.#open(route);
  }

  /** The current backend, if it was opened. */
  get open(): Opened | undefined {
    const route = this.#routes[this.#index];
    return route === undefined ? undefined : this.#opened.get(route);
  }

  /** Models that were not asked although they were next, because text would have left this machine. */
  get passedOver(): readonly string[] {
    return this.#passedOver;
  }

  async describe(signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<ModelInfo> {
    const backend = await this.current();
    const info = await backend.port.describe(signal, onLoad);
    backend.local = info.local;
    return info;
  }

  /** Goes on to the next backend that may be asked and answers. Undefined, and no step, when there is none. */
  async advance(reason: string, signal: AbortSignal): Promise<Switch | undefined> {
    const from = await this.current();
    this.#passedOver = [];
    for (let index = this.#index + 1; index < this.#routes.length; index++) {
      const info = await this.#tryAt(index, from.local && !this.#rules.allowRemote, signal);
      const route = this.#routes[index];
      if (info === undefined || route === undefined) continue;
      this.#index = index;
      this.#rules.onSwitch?.(route.id);
      const leaves = info.local ? "" : " Text leaves this machine with it.";
      return { notice: `${from.id} cannot go on (${reason}). ${route.id} does.${leaves}`, info };
    }
    return undefined;
  }

  async #tryAt(index: number, mustBeLocal: boolean, signal: AbortSignal): Promise<ModelInfo | undefined> {
    const route = this.#routes[index];
    if (route === undefined) return undefined;
    try {
      const backend = await this.#open(route);
      if (mustBeLocal && !backend.local) return this.#passOver(route);
      const info = await backend.port.describe(signal);
      backend.local = info.local;
      return mustBeLocal && !info.local ? this.#passOver(route) : info;
    } catch (error) {
      if (isAbort(error) || !(error instanceof TrustError)) throw error;
      return undefined;
    }
  }

  #passOver({ id }: Route): undefined {
    this.#passedOver.push(id);
  }

  async #open(route: Route): Promise<Opened> {
    const known = this.#opened.get(route);
    if (known !== undefined) return known;
    const opened = { ...(await route.open()), id: route.id };
    this.#opened.set(route, opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#opened.values(), ({ port }) => port[Symbol.asyncDispose]()));
  }
}
