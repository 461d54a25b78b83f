import { commonPrefix, withoutOpenEnd } from "./markup.ts";
import { sample } from "./probes.ts";

/** What a template wrote behind the person's question. `headerLength`: where the assistant's own text may begin. */
interface Turn {
  text: string;
  headerLength: number;
}

/** The turns that the probes gave; undefined where the template failed or lost the question. */
export interface Turns {
  prompt: Turn | undefined;
  promptNoThinking: Turn | undefined;
  texts: readonly [Turn, Turn] | undefined;
  thought: Turn | undefined;
}

/** Cuts renderings at the question, and finds the header that the assistant's turns share. */
export function cutTurns(renderings: ReadonlyMap<string, string>): Turns {
  const after = (name: string): string | undefined => afterQuestion(renderings.get(name));
  const [first, second] = [after("text-0"), after("text-1")];
  const prompts = [after("prompt"), after("prompt-no-thinking")];
  const all = [first, second, ...prompts].filter((text) => text !== undefined);
  const header = all.length === 0 ? "" : withoutOpenEnd(commonPrefix(all[0] ?? "", ...all.slice(1)));
  const turn = (text: string | undefined): Turn | undefined =>
    text === undefined ? undefined : { text, headerLength: commonPrefix(text, header).length };
  const texts = [turn(first), turn(second)] as const;
  return {
    prompt: turn(prompts[0]),
    promptNoThinking: turn(prompts[1]),
    texts: texts[0] !== undefined && texts[1] !== undefined ? [texts[0], texts[1]] : undefined,
    thought: turn(after("thought")),
  };
}

/** What stands behind the question where the template wrote it last. */
export function afterQuestion(rendered: string | undefined): string | undefined {
  const at = rendered?.lastIndexOf(sample.question) ?? -1;
  return at < 0 ? undefined : rendered?.slice(at + sample.question.length);
}
