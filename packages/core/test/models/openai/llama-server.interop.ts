import { afterAll } from "vitest";

import { createOpenAiModel } from "../../../src/models/openai/index.ts";
import { hasLlamaServer, type RealLlamaServer, realLlamaServer, scriptedGguf } from "../../../src/testing/index.ts";
import { describeModelPort, type ModelScenario } from "../../../src/testing/model-port-suite.ts";
import { chunked } from "../llama/llama-bench.ts";

const isMissing = !hasLlamaServer();
if (isMissing) process.stderr.write("SKIPPED: there is no llama-server. Run: npm run interop:setup\n");

/** A server takes a moment to start, so that tests of the same scenario share one. */
const servers = new Map<string, Promise<RealLlamaServer>>();
afterAll(async () => {
  for (const server of servers.values()) await (await server)[Symbol.asyncDispose]();
});

const written = ({ name, args }: { name: string; args: unknown }): string[] => [
  ...chunked(`<tool_call>{"name": "${name}", "arguments": `),
  ...chunked(`${JSON.stringify(args).replaceAll('":', '": ').replaceAll(',"', ', "')}}</tool_call>`),
];

/** Held to a call, this model has a call to make. */
const forced = '{"name": "read_file", "arguments": {"path": "a.ts"}}';

function serverFor({
  text = "",
  calls = [],
  slow = false,
  obeys = false,
  contextSize,
}: ModelScenario): Promise<RealLlamaServer> {
  const first = obeys ? chunked(forced) : [...chunked(text), ...calls.flatMap(written)];
  const write = (path: string): Promise<void> => scriptedGguf(path, { replies: { first }, loop: slow });
  return realLlamaServer(write, contextSize ?? 2048);
}

describeModelPort("real llama-server", async (scenario) => {
  if (isMissing || scenario.fails === true) return undefined;
  const key = JSON.stringify(scenario);
  const server = servers.get(key) ?? serverFor(scenario);
  servers.set(key, server);
  const port = createOpenAiModel({ baseUrl: (await server).url, offline: true, allowRemote: false });
  return { port, dispose: async () => port[Symbol.asyncDispose]() };
});
