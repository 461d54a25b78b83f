import type {
  Answer,
  ChatEvent,
  Location,
  PlanStep,
  SessionOption,
  ToolPart,
  ToView,
  ViewState,
} from "../src/messages.ts";

export interface Question {
  id: string;
  rule: string | undefined;
  warning: string | undefined;
  answers: readonly Answer[];
}

/** `stopped`: the turn ended before the call did. */
export type CardStatus = "pending" | "in_progress" | "completed" | "failed" | "denied" | "stopped";

export interface ToolCard {
  kind: "tool";
  id: string;
  title: string;
  status: CardStatus;
  parts: readonly ToolPart[];
  locations: readonly Location[];
  question: Question | undefined;
  /** Why the call was refused. */
  reason: string | undefined;
}

export type Item =
  | { kind: "user"; text: string; file: string | undefined }
  | { kind: "answer"; text: string }
  | { kind: "thought"; text: string }
  | { kind: "notice"; text: string }
  | { kind: "error"; text: string }
  | ToolCard;

export interface ChatState {
  items: readonly Item[];
  isWorking: boolean;
  status: Omit<Extract<ViewState, { type: "status" }>, "type">;
  options: readonly SessionOption[];
  usage: { used: number; size: number } | undefined;
  plan: readonly PlanStep[];
  about: { model: string; note: string; isLocal: boolean | undefined } | undefined;
  activeFile: string;
  /** Rises when the input should take the focus. */
  focus: number;
}

export const emptyState: ChatState = {
  items: [],
  isWorking: false,
  status: { state: "idle", detail: "" },
  options: [],
  usage: undefined,
  plan: [],
  about: undefined,
  activeFile: "",
  focus: 0,
};

/** The whole chat as a fold over what the extension says. */
export function reduce(state: ChatState, message: ToView): ChatState {
  switch (message.type) {
    case "reset":
      return { ...state, items: [], isWorking: false, usage: undefined, plan: [] };
    case "focus":
      return { ...state, focus: state.focus + 1 };
    case "status":
      return { ...state, status: { state: message.state, detail: message.detail } };
    case "options":
      return { ...state, options: message.options };
    case "usage":
      return { ...state, usage: { used: message.used, size: message.size } };
    case "plan":
      return { ...state, plan: message.steps };
    case "about":
      return { ...state, about: { model: message.model, note: message.note, isLocal: message.isLocal } };
    case "active-file":
      return { ...state, activeFile: message.name };
    case "title":
      return state;
    default:
      return reduceEvent(state, message);
  }
}

function reduceEvent(state: ChatState, event: ChatEvent): ChatState {
  switch (event.type) {
    case "user":
      return append(state, { kind: "user", text: event.text, file: event.file });
    case "text":
      return grow(state, "answer", event.text);
    case "thought":
      return grow(state, "thought", event.text);
    case "notice":
      return append(state, { kind: "notice", text: event.text });
    case "tool":
      return withCard(state, event.id, (card) => ({
        ...card,
        title: event.title ?? card.title,
        status: card.status === "denied" ? card.status : (event.status ?? card.status),
        parts: event.parts ?? card.parts,
        locations: event.locations ?? card.locations,
      }));
    case "permission": {
      const { id, rule, warning, answers } = event;
      return withCard(state, event.toolId, (card) => ({ ...card, question: { id, rule, warning, answers } }));
    }
    case "permission-end":
      return settleQuestion(state, event);
    case "turn-start":
      return { ...state, isWorking: true };
    case "turn-end":
      return endTurn(state, event);
  }
}

const append = (state: ChatState, item: Item): ChatState => ({ ...state, items: [...state.items, item] });

function grow(state: ChatState, kind: "answer" | "thought", text: string): ChatState {
  const last = state.items.at(-1);
  if (last?.kind !== kind) return text === "" ? state : append(state, { kind, text });
  return { ...state, items: [...state.items.slice(0, -1), { kind, text: last.text + text }] };
}

function withCard(state: ChatState, id: string, change: (card: ToolCard) => ToolCard): ChatState {
  const index = state.items.findLastIndex((item) => item.kind === "tool" && item.id === id);
  const found = state.items[index];
  if (found?.kind === "tool") return { ...state, items: state.items.with(index, change(found)) };
  return append(state, change({ ...emptyCard, id }));
}

const emptyCard: Omit<ToolCard, "id"> = {
  kind: "tool",
  title: "tool",
  status: "pending",
  parts: [],
  locations: [],
  question: undefined,
  reason: undefined,
};

function settleQuestion(state: ChatState, end: Extract<ChatEvent, { type: "permission-end" }>): ChatState {
  const outcomes = { allowed: "in_progress", rejected: "denied", cancelled: "stopped" } as const;
  const items = state.items.map((item) =>
    item.kind === "tool" && item.question?.id === end.id
      ? { ...item, question: undefined, status: outcomes[end.outcome], reason: end.reason }
      : item,
  );
  return { ...state, items };
}

function endTurn(state: ChatState, { reason, error }: Extract<ChatEvent, { type: "turn-end" }>): ChatState {
  const items = state.items.map((item) =>
    item.kind === "tool" && (item.status === "pending" || item.status === "in_progress")
      ? { ...item, status: "stopped" as const, question: undefined }
      : item,
  );
  const ended = { ...state, items, isWorking: false };
  if (error !== undefined) return append(ended, { kind: "error", text: error });
  const note = endNotes[reason];
  return note === undefined ? ended : append(ended, { kind: "notice", text: note });
}

const endNotes: Partial<Record<string, string>> = {
  cancelled: "Stopped.",
  max_tokens: "The answer reached its length limit.",
  max_turn_requests: "Stopped after the largest number of steps.",
  refusal: "The model refused to go on.",
};

/** A plan is shown while it is worked on, and until all of it is done. */
export const openPlan = ({ plan, isWorking }: ChatState): readonly PlanStep[] =>
  isWorking || plan.some(({ status }) => status !== "completed") ? plan : [];

/** What the person waits for: the first question that has no answer yet. */
export const openQuestion = ({ items }: ChatState): ToolCard | undefined =>
  items.find((item): item is ToolCard => item.kind === "tool" && item.question !== undefined);
