import { createCallMender } from "../../dialects/repair/index.ts";
import type { CapabilityRecord } from "../../ports/capability.ts";
import { type Clock, systemClock } from "../../ports/clock.ts";
import type { ModelPort, Sampling } from "../../ports/model.ts";
import { TrustError } from "../../protocol/errors.ts";
import type { ToolCall } from "../../protocol/tool-call.ts";
import { areBoth, type Probe, probes, probeTools, resultLengths, resultProbe } from "./probes.ts";

export interface ProbeResult {
  id: string;
  passed: boolean;
  /** How many probes were made, of how many. */
  done: number;
  total: number;
}

export interface MeasureOptions {
  /** As the model is sampled in real work. */
  sampling: Sampling;
  onProbe?: (result: ProbeResult) => void;
  clock?: Clock;
}

/** A thought may be long before a call comes. */
const mostTokens = 2048;

/** Of the texts in the probes, at least. */
const charactersPerToken = 2;

const mend = createCallMender(probeTools);

/**
 * Asks a model every probe, one after the other, and runs none of its calls. Throws what keeps it from answering, and
 * the signal's reason when that aborts.
 */
export async function measureCapability(
  port: ModelPort,
  { sampling, onProbe, clock = systemClock }: MeasureOptions,
  signal: AbortSignal,
): Promise<Omit<CapabilityRecord, "dialect"> & { routes: ReadonlySet<ToolCall["via"]> }> {
  const { contextSize } = await port.describe(signal);
  const maxTokens = Math.min(mostTokens, Math.floor(contextSize / 2));
  const results: { id: string; passed: boolean }[] = [];
  const routes = new Set<ToolCall["via"]>();
  let parallelCalls = false;
  let reasoning = false;
  for (const probe of probes) {
    const heard = await ask(port, probe, { sampling, maxTokens }, signal);
    const passed = !heard.isBroken && probe.judge(heard.text, heard.calls);
    results.push({ id: probe.id, passed });
    reasoning ||= heard.isThoughtful;
    parallelCalls ||= areBoth(heard.calls);
    for (const { via } of heard.calls) routes.add(via);
    onProbe?.({ id: probe.id, passed, done: results.length, total: probes.length });
  }
  const reads = results.some(({ id, passed }) => id === "result" && passed);
  const mostCharacters = Math.floor(contextSize / 2) * charactersPerToken;
  const limit = reads ? await longestResult(port, { sampling, maxTokens, mostCharacters }, signal) : undefined;
  const callSuccess = results.filter(({ passed }) => passed).length / results.length;
  const measuredAt = new Date(clock.now()).toISOString();
  const known = { contextSize, parallelCalls, reasoning, callSuccess, probes: results, measuredAt, routes };
  return limit === undefined ? known : { ...known, resultCharacters: limit };
}

/**
 * Longer and longer results with the same fact in the middle. The last length at which the model still found it, when it
 * failed at a longer one: some say nothing at all then. Undefined when it managed all that were tried.
 */
async function longestResult(
  port: ModelPort,
  { mostCharacters, ...limits }: { sampling: Sampling; maxTokens: number; mostCharacters: number },
  signal: AbortSignal,
): Promise<number | undefined> {
  let last: number | undefined;
  for (const length of resultLengths.filter((one) => one <= mostCharacters)) {
    const probe = resultProbe(length);
    const heard = await ask(port, probe, limits, signal);
    if (heard.isBroken || !probe.judge(heard.text, heard.calls)) return last ?? length;
    last = length;
  }
  return undefined;
}

interface Heard {
  text: string;
  calls: ToolCall[];
  isThoughtful: boolean;
  /** A call could not be read, does not fit its tool, or was cut off. */
  isBroken: boolean;
}

async function ask(
  port: ModelPort,
  { messages }: Probe,
  limits: { sampling: Sampling; maxTokens: number },
  signal: AbortSignal,
): Promise<Heard> {
  const heard: Heard = { text: "", calls: [], isThoughtful: false, isBroken: false };
  const request = { messages, tools: probeTools, toolChoice: "auto", ...limits } as const;
  for await (const event of port.stream(request, signal)) {
    if (event.type === "text-delta") heard.text += event.delta;
    else if (event.type === "thought-delta") heard.isThoughtful = true;
    else if (event.type === "call-invalid") heard.isBroken = true;
    else if (event.type === "call-end") {
      const mended = mend(event.call);
      heard.calls.push(mended.call);
      heard.isBroken ||= !mended.ok;
    } else if (event.type === "finish") {
      signal.throwIfAborted();
      const { error } = event;
      if (error !== undefined) throw new TrustError(error.code, error.message, { hint: error.hint });
      heard.isBroken ||= event.reason === "length";
    }
  }
  return heard;
}
