import { TrustError } from "../protocol/errors.ts";
import { roundedDown, roundedUp, sizeText, writtenSize } from "../protocol/size-text.ts";
import { choosePlan, leastChoice, type LoadCase } from "./choose-plan.ts";
import { budgetFor, type LoadWish } from "./load-wish.ts";
import type { ModelFacts } from "./model-facts.ts";
import { largestCount } from "./search.ts";

/** A change with which a refused plan would be accepted: `apply` makes it. */
export interface Remedy {
  words: string;
  apply: (load: LoadCase) => LoadCase;
}

export function refusal(load: LoadCase): TrustError {
  const { demand: needed, shape } = leastChoice(load);
  const budget = budgetFor(load.machine, load.gpu, load.wish);
  const name = load.facts.name ?? load.facts.architecture;
  const ram = needed.ramBytes + (budget.unified ? needed.vramBytes : 0);
  const short =
    ram > budget.ramBytes
      ? `it needs ${sizeText(roundedUp(ram))} of memory, and ${sizeText(roundedDown(budget.ramBytes))} may be used`
      : `it needs ${sizeText(roundedUp(needed.vramBytes))} of the GPU's memory, and ${sizeText(roundedDown(budget.vramBytes))} may be used`;
  const words = remedies(load).map((remedy) => remedy.words);
  return new TrustError(
    "MODEL_FAILED",
    `${name} does not fit: with a context of ${shape.contextSize} tokens ${short}`,
    {
      hint: `what would fit: ${words.join("; or ")}`,
    },
  );
}

/** What would fit. Never empty. */
export function remedies(load: LoadCase): Remedy[] {
  const found = [fewerLayers, oneSequence, coarserKeys, smallerContext, higherLimit, smallerModel].flatMap(
    (find) => find(load) ?? [],
  );
  return [...found, moreMemory(load)];
}

const accepted = (load: LoadCase): boolean => choosePlan(load) !== undefined;

const wishing = (words: string, change: Partial<LoadWish>): Remedy => ({
  words,
  apply: (load) => ({ ...load, wish: { ...load.wish, ...change } }),
});

/** The remedy if it is one. */
const checked = (load: LoadCase, remedy: Remedy): Remedy | undefined =>
  accepted(remedy.apply(load)) ? remedy : undefined;

function smallerContext(load: LoadCase): Remedy | undefined {
  const below = load.wish.contextSize ?? Math.min(load.facts.contextLength, 4096);
  const remedy = (steps: number): Remedy => {
    const contextSize = steps * contextStep;
    return wishing(`a context of ${contextSize} tokens (trust config set context.size ${contextSize})`, {
      contextSize,
    });
  };
  const steps = largestCount(Math.ceil(below / contextStep) - 1, (count) => accepted(remedy(count).apply(load)));
  return steps === 0 ? undefined : remedy(steps);
}

const contextStep = 512;

function coarserKeys(load: LoadCase): Remedy | undefined {
  if (load.wish.kvType !== "f16") return undefined;
  return checked(load, wishing("keys and values in q8_0 instead of f16", { kvType: "q8_0" }));
}

function oneSequence(load: LoadCase): Remedy | undefined {
  if ((load.wish.sequences ?? 1) === 1) return undefined;
  return checked(load, wishing("one conversation at a time", { sequences: 1 }));
}

function fewerLayers(load: LoadCase): Remedy | undefined {
  const { gpuLayers: asked } = load.wish;
  if (asked === undefined) return undefined;
  for (let gpuLayers = asked - 1; gpuLayers >= 0; gpuLayers--) {
    const remedy = wishing(`${gpuLayers} layers on the GPU instead of ${asked}`, { gpuLayers });
    if (accepted(remedy.apply(load))) return remedy;
  }
  return undefined;
}

/** What the person's own limit keeps from it, although the machine has it. */
function higherLimit(load: LoadCase): Remedy | undefined {
  if (load.wish.ramBytes === undefined) return undefined;
  const residents = (load.wish.residents ?? []).reduce((sum, { ramBytes }) => sum + ramBytes, 0);
  const { demand: needed } = leastChoice(load);
  const unified = load.gpu?.unified === true ? needed.vramBytes : 0;
  const ramBytes = roundedUp(residents + needed.ramBytes + unified);
  return checked(load, wishing(`a higher limit (--max-ram ${writtenSize(ramBytes)})`, { ramBytes }));
}

function smallerModel(load: LoadCase): Remedy | undefined {
  const units = largestCount(Math.floor(load.facts.weightsBytes / weightUnit), (count) =>
    accepted(shrunk(load, count * weightUnit)),
  );
  if (units === 0) return undefined;
  const bytes = units * weightUnit;
  return { words: `a model of at most ${sizeText(bytes)}`, apply: (given) => shrunk(given, bytes) };
}

const weightUnit = 10e6;

/** The same model with smaller weights, as another quantisation has them. */
function shrunk(load: LoadCase, weightsBytes: number): LoadCase {
  const { facts } = load;
  const share = weightsBytes / facts.weightsBytes;
  const scaled: ModelFacts = {
    ...facts,
    weightsBytes,
    inputBytes: Math.floor(facts.inputBytes * share),
    outputBytes: Math.floor(facts.outputBytes * share),
    outputCopyBytes: Math.floor(facts.outputCopyBytes * share),
    layers: facts.layers.map((layer) => ({ ...layer, bytes: Math.floor(layer.bytes * share) })),
  };
  return { ...load, facts: scaled };
}

/** Always possible, so that no refusal is without a way out. Layers that were asked for on a GPU may then be fewer. */
function moreMemory(load: LoadCase): Remedy {
  const { ramBytes: limit, gpuLayers, ...wish } = load.wish;
  const withMore = (bytes: number): LoadCase => ({
    ...load,
    wish,
    machine: { ...load.machine, availableBytes: load.machine.availableBytes + bytes },
  });
  // The smallest amount that suffices is one above the largest that does not.
  const units = largestCount(mostUnits, (count) => !accepted(withMore(count * weightUnit))) + 1;
  const bytes = roundedUp(units * weightUnit);
  const freely = [
    ...(limit === undefined ? [] : ["no --max-ram"]),
    ...(gpuLayers === undefined ? [] : ["no fixed number of layers on the GPU"]),
  ];
  return {
    words: [`${sizeText(bytes)} more free memory (close other programs)`, ...freely].join(", "),
    apply: () => withMore(bytes),
  };
}

/** More memory than any machine has. */
const mostUnits = 2 ** 47 / weightUnit;
