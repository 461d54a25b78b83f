import type { Repair, ToolSignature } from "../../protocol/tool-call.ts";
import type { CallFormat } from "../format/tool-format.ts";
import type { Source } from "./source.ts";

/** What a reader of a call's body works with. `name` and `delta` tell what is known while the call comes. */
export interface BodyContext {
  source: Source;
  format: CallFormat;
  tools: ReadonlyMap<string, ToolSignature>;
  name: (name: string) => void;
  /** Text of the arguments as JSON. */
  delta: (json: string) => void;
}

/** A body that was read to its end. `args` is not judged yet. */
export interface ReadBody {
  name: string;
  args: Record<string, unknown>;
  repairs: Repair[];
}

/** Thrown where a body is not what its format says: the text up to the call's end is then read as it may be. */
export class BrokenBody extends Error {}
