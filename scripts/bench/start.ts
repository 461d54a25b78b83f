import { createServer } from "node:net";

import { alternate, type Benchmark, timeProgram } from "./benchmark.ts";
import { scratchHome, trustProgram } from "./scratch.ts";

const rounds = 15;

/** The design's goal: 80 ms where bare Node takes 30. */
function quickAnswer(flag: string): Benchmark {
  return {
    name: `start${flag}`,
    async run() {
      using home = scratchHome();
      await timeProgram([trustProgram, flag], home.env);
      const { ours, theirs } = await alternate(
        rounds,
        () => timeProgram([trustProgram, flag], home.env),
        () => timeProgram(["-e", "0"], home.env),
      );
      const goal = Math.round((80 / 30) * theirs);
      return [{ name: `trust ${flag}`, value: ours, unit: "ms", against: { name: "node -e 0", value: theirs }, goal }];
    },
  };
}

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 9;
}

const deadServer: Benchmark = {
  name: "dead-server",
  async run() {
    using home = scratchHome();
    const url = `http://127.0.0.1:${await closedPort()}/v1`;
    const { ours, theirs } = await alternate(
      5,
      () => timeProgram([trustProgram, "-p", "hi", "-m", url], home.env, home.folder),
      () => timeProgram(["-e", "0"], home.env),
    );
    return [
      {
        name: "dead server reported",
        value: ours,
        unit: "ms",
        against: { name: "node -e 0", value: theirs },
        goal: 1000,
      },
    ];
  },
};

export const startBenchmarks: readonly Benchmark[] = [quickAnswer("--version"), quickAnswer("--help"), deadServer];
