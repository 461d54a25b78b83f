import { readArguments, tryParseJson } from "../../dialects/index.ts";
import type { ParsedEvent } from "../../protocol/model-events.ts";
import type { CallDelta } from "./chat-chunk.ts";

interface OpenCall {
  id: string;
  /** The id that the server gave, to tell two calls apart that it sends under one index. */
  serverId: string;
  name: string;
  raw: string;
  /** Argument text that is not given out yet, because the name is not known. */
  pending: string;
}

/** Puts streamed tool-call deltas together, by index. */
export class CallAssembly {
  readonly #calls: OpenCall[] = [];
  readonly #byIndex = new Map<number, OpenCall>();
  readonly #usedIds: Set<string>;
  readonly #freshId: () => string;
  #ended = 0;

  /** `usedIds`: ids in the conversation so far; a server that repeats one gets another for its call. */
  constructor(usedIds: Iterable<string>, freshId: () => string) {
    this.#usedIds = new Set(usedIds);
    this.#freshId = freshId;
  }

  /** How many calls ended well. */
  get ended(): number {
    return this.#ended;
  }

  *push(delta: CallDelta): Generator<ParsedEvent> {
    const call = this.#callOf(delta);
    const { name, arguments: part } = delta.function ?? {};
    const text = typeof part === "object" && part !== null ? JSON.stringify(part) : (part ?? "");
    call.raw += text;
    call.pending += text;
    if (call.name === "") {
      if (typeof name !== "string" || name === "") return;
      call.name = name;
      yield { type: "call-start", id: call.id, name };
    }
    if (call.pending !== "") yield { type: "call-delta", id: call.id, delta: call.pending };
    call.pending = "";
  }

  /** Ends every call, in order. `truncated`: the reply was cut off, so the last call must not be trusted. */
  *finish(truncated: boolean): Generator<ParsedEvent> {
    const last = this.#calls.at(-1);
    for (const call of this.#calls.splice(0)) {
      const event = ended(call, truncated && call === last);
      if (event.type === "call-end") this.#ended++;
      yield event;
    }
  }

  /** Without an index a delta belongs to the latest call; a new id with a name is a new call even so. */
  #callOf({ index, id, function: part }: CallDelta): OpenCall {
    const position = index ?? undefined;
    const open = position === undefined ? this.#calls.at(-1) : this.#byIndex.get(position);
    const names = Boolean(id) && Boolean(part?.name);
    if (open !== undefined && !(names && isOtherId(open, id))) return open;
    const call = this.#open(id ?? "");
    if (position !== undefined) this.#byIndex.set(position, call);
    return call;
  }

  #open(serverId: string): OpenCall {
    const id = serverId === "" || this.#usedIds.has(serverId) ? this.#freshId() : serverId;
    this.#usedIds.add(id);
    const call: OpenCall = { id, serverId, name: "", raw: "", pending: "" };
    this.#calls.push(call);
    return call;
  }
}

const isOtherId = ({ serverId }: OpenCall, id: string | null | undefined): boolean =>
  serverId !== "" && serverId !== id;

function ended({ id, name, raw }: OpenCall, truncated: boolean): ParsedEvent {
  const invalid = (error: string): ParsedEvent => ({ type: "call-invalid", id, raw, errors: [error], truncated });
  if (truncated) return invalid("the reply was cut off inside the call");
  if (name === "") return invalid("the call has no name");
  const parsed = raw.trim() === "" ? undefined : tryParseJson(raw, "arguments");
  if (parsed?.ok === false) return invalid(parsed.error.message);
  const read = readArguments(parsed?.value);
  if (!read.ok) return invalid(read.error.message);
  const { args, repairs } = read.value;
  return { type: "call-end", call: { id, name, args, raw, via: "native", repairs } };
}
