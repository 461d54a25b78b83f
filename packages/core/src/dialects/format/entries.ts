import {
  type CallFormat,
  keyPlace,
  type MessageFormat,
  namePlace,
  type TaggedBody,
  type ToolFormat,
} from "./tool-format.ts";

/** A correction of what the analysis found, for families whose templates do not say it. */
type Correction = (found: ToolFormat) => ToolFormat;

interface Entry {
  id: string;
  /** Why the template alone does not tell. */
  why: string;
  matches: (template: string) => boolean;
  correct: Correction;
}

/** The correction for a template, chosen by what stands in it, never by a model's name. */
export function entryFor(template: string): Correction | undefined {
  const entry = entries.find(({ matches }) => matches(template));
  if (entry === undefined) return undefined;
  return (found) => ({ ...entry.correct(found), origin: `entry:${entry.id}` });
}

const plainCalls: Omit<CallFormat, "body"> = {
  lead: "",
  sectionOpen: "",
  sectionClose: "",
  open: "",
  close: "",
  separator: "\n",
  list: false,
};

const jsonBody = {
  kind: "json",
  nameKey: "name",
  argumentsKey: "arguments",
  idKey: undefined,
  wrapper: undefined,
} as const;

const harmony: MessageFormat = {
  messageOpen: "<|start|>assistant",
  headerClose: "<|message|>",
  messageClose: ["<|end|>", "<|call|>", "<|return|>"],
  call: String.raw`to=functions\.([\w.-]+)`,
  foreign: String.raw`to=(?!assistant|user)`,
  thought: String.raw`<\|channel\|>analysis`,
  textHeader: "<|channel|>final<|message|>",
  callHeader: `<|channel|>commentary to=functions.${namePlace} <|constrain|>json<|message|>`,
  callBody: "arguments",
};

const museTags: TaggedBody = {
  kind: "tagged",
  nameOpen: '<atem:invoke name="',
  nameClose: '">',
  keyOpen: '<atem:parameter name="',
  keyClose: '">',
  valueClose: "</atem:parameter>",
  bodyClose: "</atem:invoke>",
  attribute: undefined,
  nameRest: undefined,
  nested: false,
  cdata: false,
};

const minimaxMark = "]<]minimax[>[";

const entries: readonly Entry[] = [
  {
    id: "harmony",
    why: "a reply is several messages on channels; the template writes only one of them at a time",
    matches: (template) => template.includes("<|channel|>analysis") && template.includes("<|channel|>commentary"),
    correct: (found) => ({
      ...found,
      messages: harmony,
      calls: { ...plainCalls, body: { kind: "arguments", name: "" } },
    }),
  },
  {
    id: "muse",
    why: "a reply is several addressed messages, and thoughts are addressed to the model itself",
    matches: (template) => template.includes("<atem:function_calls>"),
    correct: (found) => ({
      ...found,
      messages: {
        messageOpen: "<|start|>assistant",
        headerClose: "<|message|>",
        messageClose: ["<|eom|>", "<|eot|>"],
        call: String.raw`to=(?!user\b|self\b)([\w.-]+)`,
        foreign: "(?!)",
        thought: String.raw`to=self\b`,
        textHeader: " to=user<|message|>",
        callHeader: ` to=${namePlace}<|message|>`,
        callBody: museTags,
      },
      calls: {
        ...plainCalls,
        sectionOpen: "<atem:function_calls>",
        sectionClose: "</atem:function_calls>",
        body: museTags,
      },
    }),
  },
  {
    id: "functionary-3.2",
    why: "every message of a reply begins with its recipient, and `all` is the person",
    matches: (template) => template.includes(">>>all\\n") || template.includes(">>>${recipient}"),
    correct: (found) => ({
      ...found,
      thought: undefined,
      messages: {
        messageOpen: ">>>",
        headerClose: "\n",
        messageClose: ["<|eot_id|>"],
        call: String.raw`^(?!all$)([\w.-]+)$`,
        foreign: "(?!)",
        thought: "(?!)",
        textHeader: "all\n",
        callHeader: `${namePlace}\n`,
        callBody: "arguments",
      },
      calls: { ...plainCalls, body: { kind: "arguments", name: "" } },
    }),
  },
  {
    id: "minimax-m3",
    why: "every tag has a mark of its own in front, and objects are nested tags named by their keys",
    matches: (template) => template.includes(minimaxMark),
    correct: (found) => ({
      ...found,
      calls: {
        ...plainCalls,
        sectionOpen: `${minimaxMark}<tool_call>\n`,
        sectionClose: `${minimaxMark}</tool_call>`,
        body: {
          kind: "tagged",
          nameOpen: `${minimaxMark}<invoke name="`,
          nameClose: '">',
          keyOpen: `${minimaxMark}<`,
          keyClose: ">",
          valueClose: `${minimaxMark}</${keyPlace}>`,
          bodyClose: `${minimaxMark}</invoke>`,
          attribute: undefined,
          nameRest: undefined,
          nested: true,
          cdata: false,
        },
      },
    }),
  },
  {
    id: "kimi-k3",
    why: "its markers are three tokens each, with words between them, so that no tag stands for itself",
    matches: (template) => template.includes("<|open|>") && template.includes("<|sep|>"),
    correct: (found) => ({
      ...found,
      calls: {
        ...plainCalls,
        sectionOpen: "<|open|>tools<|sep|>",
        sectionClose: "<|close|>tools<|sep|>",
        separator: "",
        body: {
          kind: "tagged",
          nameOpen: '<|open|>call tool="',
          nameClose: '" index="',
          nameRest: '"<|sep|>',
          keyOpen: '<|open|>argument key="',
          keyClose: '" type="string"<|sep|>',
          attribute: { open: '" type="', close: '"<|sep|>', stringTag: "string" },
          valueClose: "<|close|>argument<|sep|>",
          bodyClose: "<|close|>call<|sep|>",
          nested: false,
          cdata: false,
        },
      },
    }),
  },
  {
    id: "lfm2",
    why: "the template lists tools but writes earlier calls as plain content",
    matches: (template) => template.includes("<|tool_list_start|>") || template.includes("keep_past_thinking"),
    correct: (found) => ({
      ...found,
      calls: {
        ...plainCalls,
        sectionOpen: "<|tool_call_start|>",
        sectionClose: "<|tool_call_end|>",
        separator: ", ",
        list: true,
        body: { kind: "python" },
      },
      parallel: true,
    }),
  },
  {
    id: "granite-3.3",
    why: "thoughts and answers are asked for in words only",
    matches: (template) => template.includes("Write your thoughts between <think></think>"),
    correct: (found) => ({
      ...found,
      thought: { open: "<think>", close: "</think>", prewritten: "" },
      answer: { open: "<response>", close: "</response>" },
      calls: { ...plainCalls, sectionOpen: "<|tool_call|>", list: true, separator: ", ", body: jsonBody },
    }),
  },
  {
    id: "tool-call-tags",
    why: "the template asks for <tool_call> in words but writes earlier calls as plain content",
    matches: (template) =>
      template.includes("<tool_call>") && template.includes("</tool_call>") && !template.includes("tool_calls"),
    correct: (found) =>
      found.calls === undefined
        ? {
            ...found,
            calls: { ...plainCalls, lead: "\n", open: "<tool_call>\n", close: "\n</tool_call>", body: jsonBody },
          }
        : found,
  },
];
