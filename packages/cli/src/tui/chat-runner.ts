import { type AgentEvent, type ApprovalDecision, errorBody } from "@trust-cli/core/protocol";

import { parseSlashLine, type SlashCommand, type SlashContext, slashCommands } from "../slash/index.ts";
import type { ChatController, InUse, ModelInUse } from "./controller.ts";
import type { ViewEvent } from "./state/reduce.ts";
import type { Store } from "./state/store.ts";
import { type ChatView, isRunning, type UiEvent } from "./state/view.ts";

/** At most one redraw for what arrives within this time: 30 frames a second. */
const frameMilliseconds = 33;

/** Loading progress is shown at most this often. */
const loadingMilliseconds = 100;

/** Runs turns and slash commands, one at a time, and tells the view what happens. */
export class ChatRunner {
  readonly #controller: ChatController;
  readonly #store: Store<ChatView, ViewEvent>;
  #turn: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #batch: AgentEvent[] = [];
  #flushTimer: NodeJS.Timeout | undefined;
  #openPicker: (() => void) | undefined;
  #changing: Promise<void> | undefined;

  constructor(controller: ChatController, store: Store<ChatView, ViewEvent>) {
    this.#controller = controller;
    this.#store = store;
  }

  /** Where there is a screen to choose a model on; otherwise the list is printed. */
  picksModelsWith(openPicker: () => void): void {
    this.#openPicker = openPicker;
  }

  /** Loads the model and shows how far that is; a failure is shown, never thrown. */
  async warmUp(): Promise<void> {
    try {
      const model = await this.#controller.warmUp(this.#loading());
      this.#ready(model);
      for (const text of model.notes) this.#tell({ type: "notice", text });
    } catch (error) {
      this.report(error);
    }
  }

  /** Runs what was typed, or keeps it until the turn that runs now has ended. */
  send(text: string): void {
    // What is said behind a change of mode is said in the new one.
    if (this.#changing !== undefined) {
      void this.#changing.then(() => this.send(text));
      return;
    }
    const command = findCommand(text);
    if (command?.duringTurn === true) {
      void this.#runCommand(command, text);
    } else if (isRunning(this.#store.current())) {
      const { queued } = this.#store.current();
      this.#tell({ type: "queue", text: queued === undefined ? text : `${queued}\n${text}` });
    } else {
      this.#running = this.#run(text);
    }
  }

  /** Stops the turn or command. Returns what was queued behind it, which will not run. */
  cancel(): string | undefined {
    if (this.#turn === undefined) return undefined;
    const { queued } = this.#store.current();
    this.#flush();
    this.#tell({ type: "stopping" });
    this.#turn.abort();
    return queued;
  }

  decide(callId: string, decision: ApprovalDecision): void {
    this.#tell({ type: "decided", callId });
    this.#controller.decide(callId, decision);
  }

  /** Without a word in the transcript; a failure is shown, never thrown. */
  changeMode(nextOf: (mode: string) => string): void {
    if (isRunning(this.#store.current())) return;
    const change = async (): Promise<void> => {
      await this.#useMode(nextOf(this.#store.current().model.mode), new AbortController().signal);
    };
    const changing = (this.#changing ?? Promise.resolve()).then(change).catch((error: unknown) => this.report(error));
    this.#changing = changing;
    void changing.then(() => {
      if (this.#changing === changing) this.#changing = undefined;
    });
  }

  leave(): void {
    this.cancel();
    this.#tell({ type: "leave" });
  }

  /** Shows a failure that belongs to no turn. */
  report(error: unknown): void {
    this.#tell({ type: "failure", error: errorBody(error), isOfTurn: false });
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    await this.#changing;
    await this.#running;
  }

  async #run(text: string): Promise<void> {
    for (let next: string | undefined = text; next !== undefined; next = this.#takeQueued()) {
      const command = findCommand(next);
      if (command === undefined) await this.#runTurn(next);
      else await this.#runCommand(command, next);
    }
  }

  async #runTurn(text: string): Promise<void> {
    const turn = new AbortController();
    this.#turn = turn;
    this.#tell({ type: "submit", text });
    try {
      for await (const event of this.#controller.runTurn(text, turn.signal)) this.#push(event);
      this.#flush();
    } catch (error) {
      this.#flush();
      this.#tell({ type: "failure", error: errorBody(error), isOfTurn: true });
    } finally {
      this.#turn = undefined;
    }
  }

  async #runCommand(command: SlashCommand, text: string): Promise<void> {
    const isBeside = isRunning(this.#store.current());
    const work = new AbortController();
    if (!isBeside) {
      this.#turn = work;
      this.#tell({ type: "command", text });
    }
    try {
      await command.run(this.#slashContext(work.signal), parseSlashLine(text)?.argument);
    } catch (error) {
      if (work.signal.aborted) this.#tell({ type: "notice", text: "stopped" });
      else this.report(error);
    }
    if (isBeside) return;
    this.#turn = undefined;
    this.#tell({ type: "command-end" });
  }

  #slashContext(signal: AbortSignal): SlashContext {
    const { command } = this.#controller;
    return {
      commands: slashCommands,
      show: (text) => this.#tell({ type: "output", text }),
      leave: () => this.leave(),
      pickModel: () => this.#pickModel(signal),
      useModel: async (reference) => this.#nowUsing(await command.useModel(reference, signal, this.#loading())),
      describeProfiles: () => command.describeProfiles(),
      useProfile: async (name) => this.#nowUnder(await command.useProfile(name, signal, this.#loading())),
      mode: () => this.#store.current().model.mode,
      useMode: (mode) => this.#useMode(mode, signal),
      send: (message) => this.#tell({ type: "queue", text: message }),
      clear: async () => {
        await command.clear();
        this.#tell({ type: "context-cleared" });
      },
      compact: () => command.compact(),
      undo: (direction, argument) => command.undo(direction, argument),
      rewind: async (argument) => {
        const { text, isShorter } = await command.rewind(argument);
        if (isShorter) this.#tell({ type: "context-cleared" });
        return text;
      },
    };
  }

  async #useMode(mode: string, signal: AbortSignal): Promise<void> {
    this.#tell({ type: "mode", mode: await this.#controller.command.useMode(mode, signal) });
  }

  async #pickModel(signal: AbortSignal): Promise<void> {
    if (this.#openPicker !== undefined) {
      this.#openPicker();
      return;
    }
    const { command } = this.#controller;
    const choices = await command.listModels(signal);
    const rows = choices.map(({ group, reference, size, window, status, inUse }) =>
      [
        inUse ? "›" : " ",
        reference,
        `(${[group, size, window, status].filter((text) => text !== "").join(", ")})`,
      ].join(" "),
    );
    this.#tell({ type: "output", text: [command.describeModel(), ...rows].join("\n") });
  }

  #nowUsing(model: ModelInUse): void {
    const { name, note, local, notes } = model;
    this.#ready(model);
    this.#tell({ type: "output", text: local ? `Now using ${name} (${note}).` : `Now using ${name}.` });
    for (const text of !local && notes.length === 0 ? [note] : notes) this.#tell({ type: "notice", text });
  }

  #nowUnder({ model, mode, profile }: InUse): void {
    this.#ready(model);
    this.#tell({ type: "mode", mode });
    const text = `${profile === undefined ? "Your settings" : `Profile ${profile}`}: ${model.name}, ${mode} mode.`;
    this.#tell({ type: "output", text });
  }

  #ready({ name, contextSize }: ModelInUse): void {
    this.#tell({ type: "ready", name, contextSize });
  }

  /** Tells of a model's loading now and then: a small model reports a hundred times in a blink. */
  #loading(): (fraction: number) => void {
    let toldAt = Number.NEGATIVE_INFINITY;
    return (fraction) => {
      if (performance.now() - toldAt < loadingMilliseconds) return;
      toldAt = performance.now();
      this.#tell({ type: "load", fraction });
    };
  }

  #takeQueued(): string | undefined {
    const { queued } = this.#store.current();
    if (queued !== undefined) this.#tell({ type: "queue", text: undefined });
    return queued;
  }

  #push(event: AgentEvent): void {
    this.#batch.push(event);
    this.#flushTimer ??= setTimeout(() => this.#flush(), frameMilliseconds);
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const events = this.#batch;
    this.#batch = [];
    if (events.length > 0) this.#store.dispatch({ type: "agent", events });
  }

  #tell(event: UiEvent): void {
    this.#store.dispatch({ type: "ui", event });
  }
}

const unknownCommand = (name: string): SlashCommand => ({
  name,
  description: "",
  duringTurn: true,
  run: ({ show }) => show(`there is no command /${name}. /help shows all`),
});

/** Undefined for text that goes to the model. */
function findCommand(text: string): SlashCommand | undefined {
  const line = parseSlashLine(text);
  if (line === undefined) return undefined;
  return slashCommands.find(({ name }) => name === line.name) ?? unknownCommand(line.name);
}
