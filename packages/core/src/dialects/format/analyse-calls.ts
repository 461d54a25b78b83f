import { analyseBody } from "./analyse-body.ts";
import { isWhole } from "./call-text.ts";
import type { CallRegion } from "./frame.ts";
import { commonPrefix, commonSuffix, isBlankText, withoutOpenEnd, withoutOpenStart } from "./markup.ts";
import { callVariants, sample, sampleIds, variantKey } from "./probes.ts";
import type { CallFormat, ToolFormat } from "./tool-format.ts";
import { afterQuestion, type Turns } from "./turns.ts";

export interface AnalysedCalls {
  calls: CallFormat;
  argumentsAs: ToolFormat["argumentsAs"];
  ids: ToolFormat["ids"];
  result: ToolFormat["result"];
  parallel: boolean;
}

/** What else was found, where calls must not be confused with it. */
export interface Surroundings {
  turns: Turns;
  thoughtClose: string;
  answer: ToolFormat["answer"];
  template: string;
}

/** How a family writes calls; undefined where its template writes none. */
export function analyseCalls(
  renderings: ReadonlyMap<string, string>,
  surroundings: Surroundings,
): AnalysedCalls | undefined {
  for (const variant of callVariants) {
    const key = variantKey(variant);
    const [one, two] = [`call-${key}`, `calls-${key}`].map((name) => afterQuestion(renderings.get(name)));
    if (!isWhole(one)) continue;
    const both = two?.includes(sample.names[1]) === true ? two : undefined;
    const region: CallRegion = {
      one: ownText(one, surroundings),
      two: both === undefined ? undefined : ownText(both, surroundings),
      ids: sampleIds(variant.ids),
      template: surroundings.template,
    };
    const calls = analyseBody(region);
    if (calls === undefined) continue;
    const text = afterQuestion(renderings.get(`text-and-call-${key}`));
    return {
      calls: { ...calls, lead: leadOf(text, calls) },
      argumentsAs: variant.args,
      ids: variant.ids,
      result: resultOf(renderings.get(`result-${key}`)),
      parallel: both !== undefined,
    };
  }
  return undefined;
}

/** The calls of a turn, without its header, an empty thought or answer before them, and the end of the turn. */
function ownText(text: string, { turns, thoughtClose, answer }: Surroundings): string {
  const [plain] = turns.texts ?? [];
  const name = text.indexOf(sample.names[0]);
  const skipped = [thoughtClose.trim(), answer.open, answer.close].map((marker) => {
    const at = marker === "" ? -1 : text.lastIndexOf(marker, name);
    return at < 0 ? 0 : at + marker.length;
  });
  const header = withoutOpenEnd(commonPrefix(text.slice(0, name), plain?.text.slice(0, plain.headerLength) ?? ""));
  const start = Math.max(header.length, ...skipped);
  const answerEnd = plain?.text.slice(plain.text.indexOf(sample.answers[0]) + sample.answers[0].length) ?? "";
  return text.slice(start, text.length - withoutOpenStart(commonSuffix(text, answerEnd)).length);
}

/** The blanks between text and calls. */
function leadOf(text: string | undefined, { sectionOpen, open }: CallFormat): string {
  const marker = sectionOpen.trim() || open.trim();
  const answer = text?.indexOf(sample.answers[0]) ?? -1;
  if (text === undefined || answer < 0 || marker === "") return "";
  const between = text.slice(answer + sample.answers[0].length, text.indexOf(marker, answer));
  return isBlankText(between) ? between : "";
}

/** What stands around a result: its own line, or its own tags. */
function resultOf(rendered: string | undefined): ToolFormat["result"] {
  const at = rendered?.indexOf(sample.result) ?? -1;
  if (rendered === undefined || at < 0) return undefined;
  const before = rendered.slice(rendered.lastIndexOf(String(sample.number), at) + String(sample.number).length, at);
  return { open: before, close: rendered.slice(at + sample.result.length) };
}
