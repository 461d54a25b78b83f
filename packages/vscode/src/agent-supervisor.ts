import type { Agent } from "./agent-client.ts";
import type { AgentStateName } from "./messages.ts";

export interface AgentState {
  name: AgentStateName;
  detail: string;
}

/** An initialized agent and the promise of why it ended. */
export interface StartedAgent extends Disposable {
  agent: Agent;
  version: string;
  ended: Promise<string>;
}

/** Why no agent can be started at all; starting again would not help. */
export class AgentUnavailable extends Error {
  readonly state: Extract<AgentStateName, "missing" | "restricted" | "no-folder">;

  constructor(state: AgentUnavailable["state"], message: string) {
    super(message);
    this.state = state;
  }
}

interface SupervisorOptions {
  start(signal: AbortSignal): Promise<StartedAgent>;
  onState(state: AgentState): void;
  /** Pauses before the tries to start again; one try each. */
  backoffMilliseconds?: readonly number[];
}

/** An agent that ran this long before it ended has earned all tries again. */
const longRunMilliseconds = 30_000;
const defaultBackoff = [1000, 3000, 9000];

/** Keeps one agent: starts it when it is first needed, and again, a few times, when it ends by itself. */
export class AgentSupervisor implements Disposable {
  readonly #options: SupervisorOptions;
  readonly #backoff: readonly number[];
  #starting: Promise<StartedAgent> | undefined;
  #stopping = new AbortController();
  #tries = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#backoff = options.backoffMilliseconds ?? defaultBackoff;
  }

  /** The running agent, or the one that this starts. Rejects when it cannot be started. */
  async agent(): Promise<Agent> {
    this.#starting ??= this.#start();
    return (await this.#starting).agent;
  }

  /** Ends the agent, if there is one, and starts a new one with all tries. */
  async restart(): Promise<void> {
    this.stop();
    await this.agent();
  }

  stop(): void {
    this.#stopping.abort();
    this.#stopping = new AbortController();
    this.#starting = undefined;
    this.#tries = 0;
    this.#tell("idle", "");
  }

  [Symbol.dispose](): void {
    this.#stopping.abort();
  }

  async #start(): Promise<StartedAgent> {
    const { signal } = this.#stopping;
    this.#tell("starting", "");
    try {
      const started = await this.#options.start(signal);
      if (signal.aborted) started[Symbol.dispose]();
      signal.throwIfAborted();
      signal.addEventListener("abort", () => started[Symbol.dispose](), { once: true });
      void this.#watch(started, signal);
      this.#tell("ready", started.version);
      return started;
    } catch (error) {
      if (!signal.aborted) this.#cannotStart(error as Error);
      throw error;
    }
  }

  #cannotStart(error: Error): void {
    this.#starting = undefined;
    if (error instanceof AgentUnavailable) this.#tell(error.state, error.message);
    else this.#tell("failed", error.message);
  }

  async #watch({ ended }: StartedAgent, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const reason = await ended;
    if (signal.aborted) return;
    this.#starting = undefined;
    if (performance.now() - began > longRunMilliseconds) this.#tries = 0;
    await this.#startAgain(`trust acp ${reason}`, signal);
  }

  async #startAgain(reason: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const pause = this.#backoff[this.#tries];
      if (pause === undefined) return this.#tell("failed", `${reason}. It was started again ${this.#tries} times.`);
      this.#tries += 1;
      this.#tell("stopped", `${reason}. Starting again (${this.#tries} of ${this.#backoff.length}).`);
      await delay(pause, signal);
      if (signal.aborted || (await this.#triedAgain())) return;
    }
  }

  /** Whether there is nothing left to try: it runs, or never will. */
  async #triedAgain(): Promise<boolean> {
    return this.agent().then(
      () => true,
      (error: unknown) => error instanceof AgentUnavailable,
    );
  }

  #tell(name: AgentStateName, detail: string): void {
    this.#options.onState({ name, detail });
  }
}

function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
