import * as fc from "fast-check";

import type { LoadCase } from "../../src/hardware/choose-plan.ts";
import type { GpuFacts, LayerFacts, LoadWish, Machine, ModelFacts } from "../../src/hardware/index.ts";
import { describeMachine } from "../../src/hardware/machine.ts";
import { desktop } from "./fixtures/recorded-machines.ts";
import { denseModel } from "./fixtures/recorded-models.ts";

const absentOr = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

const anyDense = () =>
  fc
    .record({
      layers: fc.integer({ min: 1, max: 48 }),
      headWidth: fc.constantFrom(40, 64, 128, 256),
      keyValueHeads: fc.constantFrom(1, 2, 8),
      groups: fc.constantFrom(1, 4, 8),
      feedForward: fc.integer({ min: 256, max: 30_000 }),
      vocabulary: fc.integer({ min: 1000, max: 260_000 }),
      contextLength: fc.constantFrom(300, 2048, 8192, 32_768, 131_072),
      layerBytes: fc.integer({ min: 1_000_000, max: 500_000_000 }),
      inputBytes: fc.integer({ min: 1_000_000, max: 900_000_000 }),
      outputBytes: fc.constantFrom(0, 5_000_000, 700_000_000),
    })
    .map(({ groups, ...model }) => {
      const heads = model.keyValueHeads * groups;
      return denseModel({ ...model, name: "any", heads, width: heads * model.headWidth });
    });

/** Models with full attention, with windows, and with recurrent layers. */
const anyModel = (): fc.Arbitrary<ModelFacts> =>
  fc
    .tuple(anyDense(), fc.constantFrom("full", "window", "recurrent"), fc.integer({ min: 2, max: 6 }))
    .map(([model, kind, period]): ModelFacts => {
      const change = (layer: LayerFacts): LayerFacts =>
        kind === "window"
          ? { ...layer, attention: "window" }
          : { ...layer, heads: 0, keyValueHeads: 0, attention: "none", recurrent: true };
      if (kind === "full") return model;
      const layers = model.layers.map((layer, index) => (index % period === 0 ? layer : change(layer)));
      return kind === "window"
        ? { ...model, layers, slidingWindow: 1024 }
        : { ...model, layers, memory: "hybrid", stateBytes: 2_000_000 };
    });

const anyMachine = (): fc.Arbitrary<Machine> =>
  fc.integer({ min: 200_000_000, max: 60_000_000_000 }).map((availableBytes) => ({
    ...describeMachine(desktop),
    memoryBytes: 64_000_000_000,
    availableBytes,
  }));

const anyGpu = (): fc.Arbitrary<GpuFacts> =>
  fc
    .record({
      backend: fc.constantFrom("cuda", "vulkan", "metal"),
      free: fc.array(fc.integer({ min: 0, max: 24_000_000_000 }), { minLength: 1, maxLength: 2 }),
    })
    .map(({ backend, free }) => ({
      backend,
      devices: free.map((freeBytes) => ({ name: "any", totalBytes: 24_000_000_000, freeBytes })),
      unified: backend === "metal",
    }));

const bytes = () => fc.integer({ min: 100_000_000, max: 40_000_000_000 });
const anyWish = (contextLength: number): fc.Arbitrary<LoadWish> =>
  fc
    .record({
      contextSize: absentOr(fc.integer({ min: 1, max: contextLength })),
      threads: absentOr(fc.integer({ min: 1, max: 16 })),
      gpuLayers: absentOr(fc.integer({ min: 0, max: 50 })),
      kvType: absentOr(fc.constantFrom("f16", "q8_0", "q4_0")),
      sequences: absentOr(fc.integer({ min: 1, max: 4 })),
      ramBytes: absentOr(bytes()),
      vramBytes: absentOr(bytes()),
      residents: absentOr(
        fc.array(
          fc
            .record({ ramBytes: bytes(), vramBytes: bytes() })
            .map((resident) => ({ ...resident, mappedBytes: resident.ramBytes / 2 })),
          { maxLength: 2 },
        ),
      ),
      failedGpuLayers: absentOr(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 2 })),
    })
    .map((wish) => Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)));

/** A model, a machine and a wish. */
export const anyLoad = (): fc.Arbitrary<LoadCase> =>
  anyModel().chain((facts) =>
    fc.record({
      facts: fc.constant(facts),
      machine: anyMachine(),
      gpu: absentOr(anyGpu()),
      wish: anyWish(facts.contextLength),
    }),
  );
