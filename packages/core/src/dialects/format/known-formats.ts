import type { CallFormat, TemplateAbilities, ToolFormat } from "./tool-format.ts";

/** Calls as tags around raw values: code needs no escaping, and the schema types the rest. */
export const qwenTags: CallFormat = {
  lead: "\n",
  sectionOpen: "",
  sectionClose: "",
  open: "<tool_call>\n",
  close: "\n</tool_call>",
  separator: "\n",
  list: false,
  body: {
    kind: "tagged",
    nameOpen: "<function=",
    nameClose: ">",
    keyOpen: "\n<parameter=",
    keyClose: ">\n",
    valueClose: "\n</parameter>",
    bodyClose: "\n</function>",
    attribute: undefined,
    nameRest: undefined,
    nested: false,
    cdata: false,
  },
};

/** Calls as `<tool_call>{"name": …, "arguments": {…}}</tool_call>`: Hermes, Qwen2.5, Qwen3 and many after them. */
export const hermesTags: CallFormat = {
  lead: "\n",
  sectionOpen: "",
  sectionClose: "",
  open: "<tool_call>\n",
  close: "\n</tool_call>",
  separator: "\n",
  list: false,
  body: { kind: "json", nameKey: "name", argumentsKey: "arguments", idKey: undefined, wrapper: undefined },
};

/** Ours, for models whose template has no calls: what `found` says of thoughts and turns, and calls as tags. */
export const genericFormat = (found: ToolFormat): ToolFormat => ({
  ...found,
  origin: "generic",
  calls: qwenTags,
  messages: undefined,
  result: undefined,
  argumentsAs: "object",
  ids: "own",
  parallel: false,
  writes: { ...found.writes, tools: false, calls: false, results: false },
});

const everything: TemplateAbilities = { tools: true, calls: true, results: true, system: true, rows: true };

/** A format of calls alone, with thoughts as most models write them. */
export const formatOf = (calls: CallFormat): ToolFormat => ({
  origin: "template",
  thought: { open: "<think>\n", close: "\n</think>\n\n", prewritten: "" },
  answer: { open: "", close: "" },
  calls,
  messages: undefined,
  turnMarkers: [],
  argumentsAs: "object",
  ids: "own",
  result: undefined,
  parallel: true,
  writes: everything,
});
