import type { PermissionOption, RequestPermissionRequest, RequestPermissionResponse } from "@agentclientprotocol/sdk";

import { baseName } from "./base-name.ts";
import type { Answer, ChatEvent } from "./messages.ts";
import { toolMessage } from "./updates.ts";

/** A whole file before and after. */
export interface ProposedChange {
  path: string;
  /** Absent for a new file. */
  oldText: string | undefined;
  newText: string;
}

/** What the editor does while the person decides about changes. */
export interface ReviewPort {
  /** Shows a change that the question is about, with the buttons that answer it. */
  open(change: ProposedChange, questionId: string): Promise<void>;
  close(change: ProposedChange, questionId: string): Promise<void>;
  /** Shows a change that nothing is asked about. */
  show(change: ProposedChange, toolId: string): Promise<void>;
  /** The text of the open document, if it has changes that are not saved. */
  unsavedText(path: string): string | undefined;
  /** False when it could not be saved. */
  save(path: string): Promise<boolean>;
  /** Undefined when there is no such file. */
  savedText(path: string): Promise<string | undefined>;
}

interface QuestionsOptions {
  review: ReviewPort;
  show(event: ChatEvent): void;
  log(line: string): void;
}

interface Question {
  id: string;
  toolId: string;
  rule: string | undefined;
  options: readonly PermissionOption[];
  changes: readonly ProposedChange[];
  settle(response: RequestPermissionResponse, outcome: Outcome, reason?: string): void;
}

type Outcome = Extract<ChatEvent, { type: "permission-end" }>["outcome"];

const cancelled: RequestPermissionResponse = { outcome: { outcome: "cancelled" } };

/** The permissions that the agent waits for. Unsaved text of the person is never written over. */
export class Questions {
  readonly #open = new Map<string, Question>();
  readonly #options: QuestionsOptions;
  readonly #review: ReviewPort;
  #count = 0;

  constructor(options: QuestionsOptions) {
    this.#options = options;
    this.#review = options.review;
  }

  get isWaiting(): boolean {
    return this.#open.size > 0;
  }

  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** The question about this tool call. */
  aboutTool(toolId: string): { id: string } | undefined {
    return [...this.#open.values()].find((question) => question.toolId === toolId);
  }

  /** Shows what the question is about. */
  async show(id: string): Promise<void> {
    for (const change of this.#open.get(id)?.changes ?? []) await this.#review.open(change, id);
  }

  /** Resolves with the person's answer, or as cancelled when the turn ends first. */
  async ask(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionResponse> {
    const tool = toolMessage(request.toolCall);
    this.#options.show(tool);
    const changes = (tool.parts ?? []).flatMap((part) =>
      part.type === "diff" ? [{ path: part.path, oldText: part.oldText, newText: part.newText }] : [],
    );
    const { promise, resolve } = Promise.withResolvers<RequestPermissionResponse>();
    this.#count += 1;
    const id = String(this.#count);
    const question: Question = {
      id,
      toolId: request.toolCall.toolCallId,
      rule: ruleOf(request),
      options: request.options,
      changes,
      settle: (response, outcome, reason) => {
        if (!this.#open.delete(id)) return;
        this.#options.show({ type: "permission-end", id, outcome, reason });
        resolve(response);
      },
    };
    this.#open.set(id, question);
    signal.addEventListener("abort", () => question.settle(cancelled, "cancelled"), { once: true });
    this.#put(question);
    await this.#inEditor(changes.map((change) => this.#review.open(change, id)));
    const response = await promise;
    await this.#inEditor(changes.map((change) => this.#review.close(change, id)));
    return response;
  }

  /** The chat shows the change too: an editor that fails takes no answer away. */
  async #inEditor(work: readonly Promise<void>[]): Promise<void> {
    for (const result of await Promise.allSettled(work)) {
      if (result.status === "rejected") this.#options.log(`The diff editor: ${String(result.reason)}`);
    }
  }

  /** `save` allows to save unsaved text first; without it, unsaved text makes the question be put again. */
  async answer(id: string, optionId: string, save: boolean): Promise<void> {
    const question = this.#open.get(id);
    const option = question?.options.find((one) => one.optionId === optionId);
    if (question === undefined || option === undefined) return;
    const selected: RequestPermissionResponse = { outcome: { outcome: "selected", optionId } };
    if (!isAllow(option)) return question.settle(selected, "rejected");
    const unsaved = this.#unsaved(question);
    if (unsaved.length > 0 && !save) return this.#put(question);
    const changed = await this.#saveAll(unsaved);
    if (changed === undefined) return question.settle(selected, "allowed");
    this.#reject(question, changed);
  }

  /** Answers from outside the chat view, by what the answer means. */
  async answerAs(id: string, kind: Answer["kind"]): Promise<void> {
    const option = this.#open.get(id)?.options.find((one) => isAllow(one) === (kind === "allow"));
    if (option !== undefined) await this.answer(id, option.optionId, false);
  }

  cancelAll(): void {
    for (const question of this.#open.values()) question.settle(cancelled, "cancelled");
  }

  #unsaved({ changes }: Question): ProposedChange[] {
    return changes.filter(({ path }) => this.#review.unsavedText(path) !== undefined);
  }

  /** Why the change no longer fits after saving; undefined when it does. */
  async #saveAll(changes: readonly ProposedChange[]): Promise<string | undefined> {
    for (const { path, oldText } of changes) {
      if (!(await this.#review.save(path))) return `${baseName(path)} has unsaved changes that could not be saved`;
      const saved = await this.#review.savedText(path);
      if (saved !== oldText) return `${baseName(path)} was changed by the person and is saved now: read it again`;
    }
    return undefined;
  }

  /** The agent reads the reason from `_meta`, so that the model can act on it. */
  #reject(question: Question, reason: string): void {
    const option = question.options.find((one) => one.kind === "reject_once");
    const response: RequestPermissionResponse =
      option === undefined
        ? cancelled
        : { outcome: { outcome: "selected", optionId: option.optionId, _meta: { "trust/reason": reason } } };
    question.settle(response, "rejected", reason);
  }

  #put(question: Question): void {
    const unsaved = this.#unsaved(question);
    const fits = unsaved.every(({ path, oldText }) => this.#review.unsavedText(path) === oldText);
    const answers = question.options.flatMap((option) => answerOf(option, unsaved.length > 0, fits));
    const { id, toolId, rule } = question;
    this.#options.show({ type: "permission", id, toolId, rule, warning: warningOf(unsaved, fits), answers });
  }
}

function answerOf(option: PermissionOption, unsaved: boolean, fits: boolean): Answer[] {
  const { optionId, name } = option;
  if (!isAllow(option)) return [{ optionId, name, kind: "reject" }];
  if (!unsaved) return [{ optionId, name, kind: "allow" }];
  // Only the single yes can be combined with saving.
  if (option.kind !== "allow_once") return [];
  return [{ optionId, name: fits ? "Save and allow" : "Save and let the model read it", kind: "allow", save: true }];
}

function warningOf(unsaved: readonly ProposedChange[], fits: boolean): string | undefined {
  const [first] = unsaved;
  if (first === undefined) return undefined;
  const name = baseName(first.path);
  return fits
    ? `${name} has unsaved changes. They are saved before the change is made.`
    : `${name} has unsaved changes that the model has not seen. Once they are saved, it has to read the file again.`;
}

const isAllow = ({ kind }: PermissionOption): boolean => kind === "allow_once" || kind === "allow_always";

function ruleOf({ toolCall }: RequestPermissionRequest): string | undefined {
  const rule = toolCall._meta?.["trust/rule"];
  return typeof rule === "string" ? rule : undefined;
}
