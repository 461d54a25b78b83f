/**
 * How a model family marks thoughts and calls in its reply: plain data that drives the streaming parser.
 * `body` says what stands between `callOpen` and `callClose`: `json-object` is `{"name": …, "arguments": {…}}`.
 */
export interface ToolFormat {
  callOpen: string;
  callClose: string;
  thinkOpen: string;
  thinkClose: string;
  body: "json-object";
}

/** Hermes 2/3, Qwen2.5/3, QwQ, MiMo, Granite 4 and the built-in model. */
export const hermesFormat: ToolFormat = {
  callOpen: "<tool_call>",
  callClose: "</tool_call>",
  thinkOpen: "<think>",
  thinkClose: "</think>",
  body: "json-object",
};
