/** The conversations that a template is rendered with to see how its family writes. Plain data: the same for all. */
export const sample = {
  question: "Question_of_the_person",
  answers: ["Answer_in_words", "Reply_in_words"],
  thought: "Thought_before_words",
  names: ["function_alpha", "function_beta"],
  keys: ["key_first", "key_other"],
  text: "value_text",
  number: 7319,
  result: "Result_of_the_call",
  system: "Text_of_the_system",
} as const;

const idForms = ["own", "nine", "functions"] as const;
const argumentForms = ["object", "text"] as const;
export type IdForm = (typeof idForms)[number];
type ArgumentForm = (typeof argumentForms)[number];

const idsBy: Readonly<Record<IdForm, readonly [string, string]>> = {
  own: ["call_a1b2c3_1", "call_a1b2c3_2"],
  nine: ["Zd8kQ2xv1", "Zd8kQ2xv2"],
  functions: [`functions.${sample.names[0]}:0`, `functions.${sample.names[1]}:1`],
};

export const sampleIds = (form: IdForm): readonly [string, string] => idsBy[form];

/** What a template is given, without the markers of the vocabulary. */
export type TemplateValues = Readonly<Record<string, unknown>>;

const tools = sample.names.map((name) => ({
  type: "function",
  function: {
    name,
    description: "Does something",
    parameters: {
      type: "object",
      properties: {
        [sample.keys[0]]: { type: "string", description: "A text" },
        [sample.keys[1]]: { type: "integer", description: "A number" },
      },
      required: [sample.keys[0]],
    },
  },
}));

const question = { role: "user", content: sample.question };

function conversation(assistant: readonly unknown[], more: TemplateValues = {}): TemplateValues {
  return { messages: [question, ...assistant], tools, add_generation_prompt: false, ...thinking(true), ...more };
}

/** Families name the switch differently. */
export const thinking = (on: boolean): TemplateValues => ({
  enable_thinking: on,
  thinking: on,
  ...(on ? {} : { reasoning_effort: "low", thinking_budget: 0 }),
});

interface CallVariant {
  args: ArgumentForm;
  ids: IdForm;
}

function call(index: 0 | 1, args: Readonly<Record<string, unknown>>, variant: CallVariant): unknown {
  const body = { name: sample.names[index], arguments: variant.args === "object" ? args : JSON.stringify(args) };
  return { id: idsBy[variant.ids][index], type: "function", function: body };
}

const bothArguments = { [sample.keys[0]]: sample.text, [sample.keys[1]]: sample.number };
const oneArgument = { [sample.keys[0]]: sample.text };

const asking = (tool_calls: readonly unknown[], content = ""): TemplateValues => ({
  role: "assistant",
  content,
  tool_calls,
});

export const variantKey = ({ args, ids }: CallVariant): string => `${args}-${ids}`;
export const callVariants: readonly CallVariant[] = argumentForms.flatMap((args) =>
  idForms.map((ids) => ({ args, ids })),
);

function callProbes(variant: CallVariant): [string, TemplateValues][] {
  const key = variantKey(variant);
  const one = call(0, bothArguments, variant);
  const two = call(1, oneArgument, variant);
  const result = { role: "tool", name: sample.names[0], tool_call_id: idsBy[variant.ids][0], content: sample.result };
  return [
    [`call-${key}`, conversation([asking([one])])],
    [`calls-${key}`, conversation([asking([one, two])])],
    [`text-and-call-${key}`, conversation([asking([one], sample.answers[0])])],
    [`result-${key}`, conversation([asking([one]), result])],
  ];
}

/** Every probe by its name. Some fail with some templates, which says something too. */
export const probes: ReadonlyMap<string, TemplateValues> = new Map<string, TemplateValues>([
  ["prompt", conversation([], { add_generation_prompt: true })],
  ["prompt-no-thinking", conversation([], { add_generation_prompt: true, ...thinking(false) })],
  ["text-0", conversation([{ role: "assistant", content: sample.answers[0] }])],
  ["text-1", conversation([{ role: "assistant", content: sample.answers[1] }])],
  [
    "thought",
    conversation([
      { role: "assistant", content: sample.answers[0], reasoning_content: sample.thought, reasoning: sample.thought },
    ]),
  ],
  ["system", { messages: [{ role: "system", content: sample.system }, question], tools, add_generation_prompt: true }],
  ["rows", { messages: [question, { role: "user", content: sample.answers[0] }], tools, add_generation_prompt: true }],
  ...callVariants.flatMap(callProbes),
]);
