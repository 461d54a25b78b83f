import { randomUUID } from "node:crypto";

import { candidatesFor } from "../protocol/tool-call.ts";
import type { ToolFormat } from "./format/tool-format.ts";
import { schemaGrammar } from "./grammar/schema-grammar.ts";
import { toolCallGrammar } from "./grammar/tool-call-grammar.ts";
import { exactSeparators, flexibleSeparators } from "./grammar/value-syntax.ts";
import { replyStart } from "./parse/reply-start.ts";
import { judgeLeaks, rescueBody } from "./parse/rescue.ts";
import { StreamParser } from "./parse/stream-parser.ts";
import type { Dialect } from "./types.ts";

export interface DialectOptions {
  /** Calls get these ids, which must be unique within the conversation. Default: `callIds()`. */
  nextCallId?: () => string;
  /** Grammars write JSON with exactly `", "` and `": "`, as most families were trained on. Default: true. */
  strictSpacing?: boolean;
}

/** Reads and constrains replies as a format says. */
export function createDialect(
  format: ToolFormat,
  { nextCallId = callIds(), strictSpacing = true }: DialectOptions = {},
): Dialect {
  const separators = strictSpacing ? exactSeparators : flexibleSeparators;
  return {
    id: format.calls?.body.kind ?? "text",
    format,
    parser({ tools, prompt, via }) {
      return new StreamParser(format, {
        tools,
        nextCallId,
        ...replyStart(format, prompt),
        ...(via === undefined ? {} : { via }),
        rescue: rescueBody,
        judgeLeak: judgeLeaks(tools),
      });
    },
    grammar: (tools, choice, parallel, candidates = {}) =>
      toolCallGrammar(format, tools, {
        choice,
        parallel: parallel && format.parallel,
        separators,
        override: (tool, [argument = "", ...deeper]) =>
          deeper.length === 0 ? candidatesFor(candidates, tool, argument) : undefined,
      }),
    outputGrammar: (schema) => ({
      gbnf: schemaGrammar(schema),
      root: "root",
      triggers: [],
      forced: `${format.messages?.textHeader ?? ""}${format.answer.open}`,
    }),
  };
}

/** `call_PREFIX_1`, `call_PREFIX_2`…; the prefix keeps a resumed conversation's ids apart from older ones. */
export function callIds(prefix: string = randomUUID().slice(0, 6)): () => string {
  let count = 0;
  return () => `call_${prefix}_${++count}`;
}
