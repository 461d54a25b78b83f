import type { ToolFormat } from "../format/tool-format.ts";
import type { PromptSegment } from "../types.ts";
import type { ReplyStart } from "./reply-parser.ts";

/** Some templates open the thought themselves, so that the model's reply has only what closes it. */
export function replyStart(
  { thought }: ToolFormat,
  prompt: readonly PromptSegment[],
): { startsIn: ReplyStart; prewritten: string } {
  const last = prompt.at(-1);
  const end = last?.kind === "control" ? last.text.trimEnd() : "";
  if (thought === undefined || end === "") return { startsIn: "reply", prewritten: "" };
  const opened = thought.open.trim() || thought.prewritten.trim();
  const isOpen = opened !== "" && end.endsWith(opened);
  return {
    startsIn: isOpen ? "thought" : "reply",
    prewritten: isOpen && thought.open.trim() === "" ? thought.prewritten : "",
  };
}
