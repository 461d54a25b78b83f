import { type Key } from "ink";

import { slashCommands } from "../slash/index.ts";
import type { ChatRunner } from "./chat-runner.ts";
import type { ChatController } from "./controller.ts";
import { MentionWatch } from "./mention-watch.ts";
import { sanitise } from "./sanitise.ts";
import { type Candidate, commandCandidates, completionQuery, shownCandidates } from "./state/completion.ts";
import { createDialog, type Dialog, guardMilliseconds, pressDialog } from "./state/dialog.ts";
import { type KeyPress, type PromptKey, promptKey, splitKeys } from "./state/keys.ts";
import { emptyPicker, fillPicker, pastePicker, type Picker, pressPicker } from "./state/picker.ts";
import { expandedText, type Prompt, type PromptAction } from "./state/prompt.ts";
import type { Screen } from "./state/screen.ts";
import type { Store } from "./state/store.ts";
import { type ChatView, isRunning } from "./state/view.ts";

/** A second Ctrl-C within this time leaves. */
const leaveMilliseconds = 2000;
/** Files are looked up when typing pauses for this long. */
const lookUpMilliseconds = 60;

export interface ChatInputParts {
  controller: ChatController;
  runner: ChatRunner;
  view: Store<ChatView, never>;
  prompt: Store<Prompt, PromptAction>;
  screen: Store<Screen, Partial<Screen>>;
}

/** What keys and pastes do. */
export class ChatInput {
  readonly #parts: ChatInputParts;
  #armed: NodeJS.Timeout | undefined;
  #lookUp: NodeJS.Timeout | undefined;

  #search = new AbortController();
  readonly #mentions: MentionWatch;

  constructor(parts: ChatInputParts) {
    this.#parts = parts;
    this.#mentions = new MentionWatch(parts);
    parts.runner.picksModelsWith(() => void this.#openPicker());
  }

  async loadHistory(): Promise<void> {
    const { controller, prompt, runner } = this.#parts;
    try {
      prompt.dispatch({ type: "history", entries: await controller.inputHistory.load() });
    } catch (error) {
      runner.report(error);
    }
  }

  /** Says that the dialog of a call is on the screen now. */
  dialogDrawn(callId: string): void {
    const dialog = this.dialog();
    if (dialog?.callId === callId) this.#parts.screen.dispatch({ dialog: { ...dialog, drawnAt: Date.now() } });
  }

  /** The state of the dialog of the first approval that waits. */
  dialog(): Dialog | undefined {
    const [request] = this.#parts.view.current().approvals;
    if (request === undefined) return undefined;
    const { dialog } = this.#parts.screen.current();
    return dialog?.callId === request.call.id ? dialog : createDialog(request);
  }

  dispose(): void {
    this.#search.abort();
    this.#mentions.clear();
    clearTimeout(this.#armed);
    clearTimeout(this.#lookUp);
  }

  paste(text: string): void {
    const lines = sanitise(text.replaceAll("\r\n", "\n").replaceAll("\r", "\n"));
    const { picker } = this.#parts.screen.current();
    if (this.dialog() !== undefined) return;
    if (picker === undefined) this.#edit([{ type: "paste", text: lines }]);
    else this.#show(pastePicker(picker, lines));
  }

  press(input: string, key: Key): void {
    for (const one of splitKeys(input, key)) this.#pressOne(one);
  }

  #pressOne({ input, key }: KeyPress): void {
    const pressed = promptKey(input, key);
    if (pressed.type !== "interrupt") this.#disarm();
    const dialog = this.dialog();
    const { picker } = this.#parts.screen.current();
    if (picker !== undefined && dialog === undefined) this.#pressPicker(picker, input, key);
    else if (pressed.type === "interrupt") this.#interrupt();
    else if (pressed.type === "cancel") this.#cancel();
    else if (dialog !== undefined) this.#pressDialog(dialog, input, key);
    else this.#pressPrompt(pressed);
  }

  #pressPrompt(pressed: PromptKey): void {
    if (pressed.type === "complete") this.#accept();
    else if (pressed.type === "next-mode") this.#nextMode();
    else if (pressed.type === "end-of-input") this.#endOfInput();
    else if (pressed.type === "submit") this.#submit();
    else if (pressed.type === "edit" && !this.#select(pressed.actions)) this.#edit(pressed.actions);
  }

  #pressDialog(dialog: Dialog, input: string, key: Key): void {
    const { screen, runner } = this.#parts;
    if (dialog.drawnAt === undefined || Date.now() - dialog.drawnAt < guardMilliseconds) return;
    const pressed = pressDialog(dialog, input, key);
    screen.dispatch({ dialog: pressed.decision === undefined ? pressed.dialog : undefined });
    if (pressed.decision !== undefined) runner.decide(dialog.callId, pressed.decision);
  }

  #pressPicker(picker: Picker, input: string, key: Key): void {
    const picked = pressPicker(picker, input, key);
    if (picked.type === "stay") {
      this.#show(picked.picker);
      return;
    }
    this.#search.abort();
    this.#show(undefined);
    if (picked.type === "choose") this.#parts.runner.send(`/model ${picked.reference}`);
  }

  /** The list appears at once and is filled when the models are found. */
  async #openPicker(): Promise<void> {
    const { controller, runner, screen } = this.#parts;
    this.#search.abort();
    const search = new AbortController();
    this.#search = search;
    this.#show(emptyPicker);
    try {
      const choices = await controller.command.listModels(search.signal);
      const { picker } = screen.current();
      if (!search.signal.aborted && picker !== undefined) this.#show(fillPicker(picker, choices));
    } catch (error) {
      if (search.signal.aborted) return;
      this.#show(undefined);
      runner.report(error);
    }
  }

  #show(picker: Picker | undefined): void {
    this.#parts.screen.dispatch({ picker });
  }

  /** Round and round, but for `auto`, which nobody should come upon. */
  #nextMode(): void {
    this.#parts.runner.changeMode(
      (mode) => modesInOrder[(modesInOrder.indexOf(mode) + 1) % modesInOrder.length] ?? mode,
    );
  }

  /** Esc: closes the list of completions, else stops the turn. */
  #cancel(): void {
    if (this.#parts.screen.current().completion !== undefined) this.#closeCompletion();
    else this.#stopTurn();
  }

  #stopTurn(): void {
    const queued = this.#parts.runner.cancel();
    this.#parts.screen.dispatch({ dialog: undefined });
    if (queued !== undefined) this.#edit([{ type: "insert", text: queued }]);
  }

  /** Ctrl-C: stops the turn or clears the line; twice in a short time leaves. */
  #interrupt(): void {
    const { view, prompt, runner, screen } = this.#parts;
    if (this.#armed !== undefined) {
      runner.leave();
      return;
    }
    const hadText = prompt.current().editor.text !== "";
    if (isRunning(view.current())) this.#stopTurn();
    else if (hadText) this.#edit([{ type: "clear" }]);
    screen.dispatch({ hint: "press ctrl-c again to leave" });
    this.#armed = setTimeout(() => this.#disarm(), leaveMilliseconds);
  }

  #disarm(): void {
    clearTimeout(this.#armed);
    if (this.#armed !== undefined) this.#parts.screen.dispatch({ hint: undefined });
    this.#armed = undefined;
  }

  #endOfInput(): void {
    if (this.#parts.prompt.current().editor.text === "") this.#parts.runner.leave();
    else this.#edit([{ type: "delete", what: "right" }]);
  }

  #submit(): void {
    const { prompt, controller, runner } = this.#parts;
    if (this.#completesFirst()) return;
    const { text, cursor } = prompt.current().editor;
    if (cursor === text.length && text.endsWith("\\")) {
      this.#edit([
        { type: "delete", what: "left" },
        { type: "insert", text: "\n" },
      ]);
      return;
    }
    const expanded = expandedText(prompt.current()).trim();
    if (expanded === "") return;
    this.#closeCompletion();
    this.#mentions.clear();
    prompt.dispatch({ type: "submitted", text: expanded });
    controller.inputHistory.add(expanded);
    runner.send(expanded);
  }

  /** Enter takes the chosen completion; a command that needs no argument then runs at once. */
  #completesFirst(): boolean {
    const chosen = this.#chosen();
    const { completion } = this.#parts.screen.current();
    const { text, cursor } = this.#parts.prompt.current().editor;
    if (chosen === undefined || completion === undefined) return false;
    if (text.slice(completion.from, cursor) === chosen.value) return false;
    this.#accept();
    return completion.kind === "file" || commandNamed(chosen.value)?.argument !== undefined;
  }

  #chosen(): Candidate | undefined {
    const { completion } = this.#parts.screen.current();
    return completion?.candidates[completion.selected];
  }

  #accept(): void {
    const chosen = this.#chosen();
    const { completion } = this.#parts.screen.current();
    if (chosen === undefined || completion === undefined) return;
    this.#closeCompletion();
    this.#parts.prompt.dispatch({ type: "replace", from: completion.from, text: `${chosen.value} ` });
  }

  /** Up and Down move in the list of completions while there is one. */
  #select(actions: readonly PromptAction[]): boolean {
    const { completion } = this.#parts.screen.current();
    const type = actions[0]?.type;
    if (completion === undefined || (type !== "up" && type !== "down")) return false;
    const count = completion.candidates.length;
    const selected = (completion.selected + (type === "up" ? count - 1 : 1)) % count;
    this.#parts.screen.dispatch({ completion: { ...completion, selected } });
    return true;
  }

  #edit(actions: readonly PromptAction[]): void {
    for (const action of actions) this.#parts.prompt.dispatch(action);
    this.#complete();
    this.#mentions.look(expandedText(this.#parts.prompt.current()));
  }

  #complete(): void {
    clearTimeout(this.#lookUp);
    const query = completionQuery(this.#parts.prompt.current().editor);
    if (query === undefined) this.#closeCompletion();
    else if (query.kind === "command")
      this.#offer("command", query.prefix, commandCandidates(slashCommands, query.prefix));
    else this.#lookUp = setTimeout(() => void this.#lookUpFiles(query.prefix), lookUpMilliseconds);
  }

  async #lookUpFiles(prefix: string): Promise<void> {
    const paths = await this.#findFiles(prefix);
    const query = completionQuery(this.#parts.prompt.current().editor);
    if (query?.kind !== "file" || query.prefix !== prefix) return;
    this.#offer(
      "file",
      prefix,
      paths.map((value) => ({ value, note: "" })),
    );
  }

  async #findFiles(prefix: string): Promise<string[]> {
    try {
      return await this.#parts.controller.completeMention(prefix);
    } catch (error) {
      this.#parts.runner.report(error);
      return [];
    }
  }

  #offer(kind: "file" | "command", prefix: string, found: readonly Candidate[]): void {
    const candidates = found.slice(0, shownCandidates);
    const from = this.#parts.prompt.current().editor.cursor - prefix.length;
    const completion = candidates.length === 0 ? undefined : { kind, from, candidates, selected: 0 };
    this.#parts.screen.dispatch({ completion });
  }

  #closeCompletion(): void {
    clearTimeout(this.#lookUp);
    if (this.#parts.screen.current().completion !== undefined) this.#parts.screen.dispatch({ completion: undefined });
  }
}

const modesInOrder = ["ask", "edit", "plan"];

const commandNamed = (name: string): (typeof slashCommands)[number] | undefined =>
  slashCommands.find((command) => command.name === name);
