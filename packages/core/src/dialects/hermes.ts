import { randomUUID } from "node:crypto";

import { exactSeparators, flexibleSeparators, toolCallGrammar } from "./grammar/tool-call-grammar.ts";
import { StreamParser } from "./stream-parser.ts";
import { hermesFormat } from "./tool-format.ts";
import type { Dialect } from "./types.ts";

export interface HermesOptions {
  /** Calls get these ids, which must be unique within the conversation. Default: `callIds()`. */
  nextCallId?: () => string;
  /** Grammars write JSON with exactly `", "` and `": "`, as these families were trained on. Default: true. */
  strictSpacing?: boolean;
}

/** The dialect of Hermes 2/3, Qwen2.5/3 and the built-in model: `<tool_call>{"name": …, "arguments": {…}}</tool_call>`. */
export function hermesDialect({ nextCallId = callIds(), strictSpacing = true }: HermesOptions = {}): Dialect {
  const separators = strictSpacing ? exactSeparators : flexibleSeparators;
  return {
    id: "hermes",
    thinkOpen: hermesFormat.thinkOpen,
    parser: ({ startsInThought } = { startsInThought: false }) =>
      new StreamParser(hermesFormat, nextCallId, startsInThought),
    grammar: (tools, choice, parallel) => toolCallGrammar(tools, { choice, parallel, separators }),
    stops: [],
  };
}

/** `call_PREFIX_1`, `call_PREFIX_2`…; the prefix keeps a resumed conversation's ids apart from older ones. */
export function callIds(prefix: string = randomUUID().slice(0, 6)): () => string {
  let count = 0;
  return () => `call_${prefix}_${++count}`;
}
