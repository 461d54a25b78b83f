import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { trueCall } from "./bfcl/calls.ts";
import { families, grammarJudge, validatorJudge } from "./bfcl/families.ts";
import { type Mutant, mutantKinds, mutantsOf } from "./bfcl/mutants.ts";

/** The full number is run with TRUST_BFCL=3000. */
const count = Number(process.env["TRUST_BFCL"] ?? 200);
const mostWrong = 0.01;

/** Each call with one mistake of each kind that can be made in it, not always the same. */
const cases = fc.sample(trueCall, { seed: 11, numRuns: count }).map((call, index) => {
  const mistakes = Map.groupBy(mutantsOf(call.parameter, call.args), ({ kind }) => kind);
  const mutants = mutantKinds.flatMap((kind) => {
    const ofKind = mistakes.get(kind) ?? [];
    return ofKind.slice(index % Math.max(1, ofKind.length)).slice(0, 1);
  });
  return { ...call, mutants };
});

type Case = (typeof cases)[number];
type Judge = (args: Record<string, unknown>) => boolean;

/** What a judge says wrongly of all calls and of all mutants of each kind. */
function wrongVerdicts(judgeOf: (one: Case) => Judge, isMistake: (mutant: Mutant) => boolean) {
  const verdicts = cases.flatMap((one) => {
    const admits = judgeOf(one);
    const mutants = one.mutants.filter(isMistake);
    return [
      { kind: "ground truth", args: one.args, isRight: admits(one.args) },
      ...mutants.map(({ kind, args }) => ({ kind, args, isRight: !admits(args) })),
    ];
  });
  return [...Map.groupBy(verdicts, ({ kind }) => kind)].map(([kind, all]) => {
    const wrong = all.filter(({ isRight }) => !isRight);
    return {
      kind,
      share: wrong.length / all.length,
      examples: wrong.slice(0, 3).map(({ args }) => JSON.stringify(args)),
    };
  });
}

const kindsOf = (verdicts: readonly { kind: string }[]): string[] => verdicts.map(({ kind }) => kind).toSorted();
const everyKind = ["ground truth", ...mutantKinds].toSorted();

describe(`of ${count} calls in the form of the Berkeley Function-Calling Leaderboard, and their mutants,`, () => {
  test.each(families)(
    "the grammar of %s admits the calls alone",
    (_name, format) => {
      // Where values are raw text, a number in place of a text is a text.
      const isMistake = ({ readsAsText }: Mutant): boolean => !readsAsText || format.calls?.body.kind !== "tagged";
      const verdicts = wrongVerdicts((one) => grammarJudge(format, one.functions, one.name), isMistake);
      expect(kindsOf(verdicts)).toEqual(everyKind);
      expect(verdicts.filter(({ share }) => share > mostWrong)).toEqual([]);
    },
    600_000,
  );

  test("the validator admits the calls alone", () => {
    const verdicts = wrongVerdicts(
      (one) => validatorJudge(one.functions, one.name),
      () => true,
    );
    expect(kindsOf(verdicts)).toEqual(everyKind);
    expect(verdicts.filter(({ share }) => share > mostWrong)).toEqual([]);
  }, 600_000);
});
