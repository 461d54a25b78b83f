import fc from "fast-check";

import type { JsonSchemaObject, ToolSignature } from "../../../src/protocol/tool-call.ts";
import { dictOf, type Field, fields, type Parameter } from "./parameters.ts";

/** The functions that are offered for one question, and a call that its ground truth accepts. */
export interface TrueCall {
  functions: readonly ToolSignature[];
  /** The arguments that the called function takes. */
  parameter: Parameter;
  name: string;
  args: Record<string, unknown>;
}

const functionName = fc
  .tuple(
    fc.constantFrom("", "math.", "uber.", "weather_api."),
    fc.constantFrom("get", "triangle_area", "findAll", "book"),
  )
  .map((parts) => parts.join(""));

interface FunctionOf {
  name: string;
  fields: readonly Field[];
}

const functionOf: fc.Arbitrary<FunctionOf> = fc.record({ name: functionName, fields });

const signatureOf = ({ name, fields: own }: FunctionOf): ToolSignature => ({
  name,
  description: "Does what it is named after.",
  // What servers send is not looked at before it reaches the grammar.
  parameters: dictOf(own, "dict").schema as JsonSchemaObject,
});

/** A value of a ground truth with one of the acceptable values at each place. */
function settled(parameter: Parameter, value: unknown): fc.Arbitrary<unknown> {
  const { fields: inner, items } = parameter;
  if (Array.isArray(value) && items !== undefined) return fc.tuple(...value.map((item) => settled(items, item)));
  return inner === undefined ? fc.constant(value) : settledFields(inner, value as Record<string, readonly unknown[]>);
}

function settledFields(
  own: readonly Field[],
  truth: Readonly<Record<string, readonly unknown[]>>,
): fc.Arbitrary<Record<string, unknown>> {
  const entries = own.map(({ name, parameter }) =>
    fc
      .constantFrom(...(truth[name] ?? []))
      .chain((value): fc.Arbitrary<(readonly [string, unknown])[]> =>
        value === "" ? fc.constant([]) : settled(parameter, value).map((one) => [[name, one] as const]),
      ),
  );
  return fc.tuple(...entries).map((found) => Object.fromEntries(found.flat()));
}

export const trueCall: fc.Arbitrary<TrueCall> = fc
  .uniqueArray(functionOf, { minLength: 1, maxLength: 3, selector: ({ name }) => name })
  .chain((offered) =>
    fc.constantFrom(...offered).chain((called) => {
      const parameter = dictOf(called.fields, "dict");
      return parameter.value.chain((values) =>
        settled(parameter, values).map((args) => ({
          functions: offered.map(signatureOf),
          parameter,
          name: called.name,
          args: args as Record<string, unknown>,
        })),
      );
    }),
  );
