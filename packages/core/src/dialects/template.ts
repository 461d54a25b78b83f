import { Environment, Interpreter, Template } from "@huggingface/jinja";

import { TrustError } from "../protocol/errors.ts";

const compiledLimit = 8;
const compiled = new Map<string, Template>();

/** Templates that print a date get this one, so that the same conversation always gives the same prompt. */
const fixedDate: Readonly<Record<string, string>> = {
  Y: "2024",
  m: "07",
  d: "26",
  b: "Jul",
  B: "July",
  a: "Fri",
  A: "Friday",
  y: "24",
  H: "00",
  M: "00",
  S: "00",
  "%": "%",
};

/** What Jinja and the templates' usual host, Transformers, define; `none` is also written in capitals. */
const globals: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range,
  strftime_now: formatFixedDate,
  raise_exception: refuseConversation,
};

/** Renders a chat template. Throws MODEL_INVALID when it cannot be parsed or gives up on this conversation. */
export function renderTemplate(template: string, values: Readonly<Record<string, unknown>>): string {
  const program = compile(template);
  try {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...globals, ...values })) environment.set(name, value);
    return String(new Interpreter(environment).run(program.parsed).value);
  } catch (cause) {
    throw new TrustError("MODEL_INVALID", `the model's chat template failed on this conversation: ${reason(cause)}`, {
      hint: "choose another model, or start a new session",
      cause,
    });
  }
}

function compile(template: string): Template {
  const known = compiled.get(template);
  if (known !== undefined) return known;
  let program: Template;
  try {
    program = new Template(template);
  } catch (cause) {
    throw new TrustError("MODEL_INVALID", `the model's chat template cannot be read: ${reason(cause)}`, {
      hint: "choose another model file, or one with a corrected chat template",
      cause,
    });
  }
  const oldest = compiled.keys().next();
  if (compiled.size >= compiledLimit && oldest.done !== true) compiled.delete(oldest.value);
  compiled.set(template, program);
  return program;
}

function formatFixedDate(format: string): string {
  return format.replaceAll(/%(.)/g, (directive, letter: string) => fixedDate[letter] ?? directive);
}

/** As in Jinja's own sandbox: a list is built at once, and a huge one ends the process. */
const longestRange = 100_000;

/** Python's: `range(stop)` or `range(start, stop, step)`. */
function range(first: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, first] : [first, stop];
  if (step === 0) throw new Error("range() must not have a step of zero");
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > longestRange) throw new TemplateRefusal(`range() must not have more than ${longestRange} numbers`);
  return Array.from({ length }, (_, index) => from + index * step);
}

/** The template itself refuses a conversation, by `raise_exception`. */
export class TemplateRefusal extends Error {}

function refuseConversation(message: string): never {
  throw new TemplateRefusal(message);
}

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
