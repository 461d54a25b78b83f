/**
 * Text from models, tools and files is never code for the terminal: this removes escape sequences
 * (ECMA-48: CSI, OSC, DCS, APC, PM, SOS), other C0 and C1 controls, bidirectional overrides, and invisible
 * characters that can hide text. Newlines and tabs stay.
 */
const esc = "\u001b";
const csi = `(?:${esc}\\[|\u009b)[0-?]{0,64}[ -/]{0,16}`;
const stringStart = `(?:${esc}[\\]P_^X]|[\u0090\u0098\u009d-\u009f])`;
const stringBody = `[^\u0007${esc}\u009c\\n]*`;

const sequences = [
  `(?<complete>${csi}[@-~]|${stringStart}${stringBody}(?:\u0007|${esc}\\\\|\u009c))`,
  `(?<unfinished>(?:${csi}|(?<string>${stringStart})${stringBody}(?<closing>${esc}?)|${esc}[ -/]{0,16}|[\\ud800-\\udbff])$)`,
  `(?<broken>${stringStart}${stringBody}|${csi}|${esc}[ -/]{0,16}[0-~]?)`,
].join("|");
/** C0, C1, soft hyphen, bidirectional controls, zero-width characters, line separators. */
const controls =
  "\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb";
/** The tag block U+E0000 to U+E007F, as UTF-16. */
const tags = "\udb40[\udc00-\udc7f]";

const unsafe = new RegExp(`${sequences}|(?<control>[${controls}]|${tags})`, "g");
const suspicious = new RegExp(`[${controls}\ud800-\udbff]`);
const hidden = new RegExp(`[${controls}]|${tags}`, "g");

/** `pending` is the start of a sequence whose end may come with the next piece; pass it back with that. */
export interface StrippedDelta {
  text: string;
  pending: string;
}

/** Cleans a streamed text piece by piece: the pieces together give what `stripTerminalControls` gives for the whole. */
export function stripTerminalDelta(pending: string, delta: string): StrippedDelta {
  const input = pending + delta;
  if (!suspicious.test(input)) return { text: input, pending: "" };
  let rest = "";
  const text = input.replace(unsafe, (match: string, ...found: unknown[]) => {
    const groups = found.at(-1) as Record<string, string | undefined>;
    if (groups["unfinished"] !== undefined) rest = unfinished(match, groups);
    return groups["control"] === undefined ? "" : replacement(match);
  });
  return { text, pending: rest };
}

export const stripTerminalControls = (text: string): string => stripTerminalDelta("", text).text;

/**
 * For what a person approves: nothing is dropped, every control or invisible character is spelled out,
 * so that a diff or a command cannot look like another one.
 */
export function revealControls(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(hidden, (match) => {
    if (match === "\t") return match;
    return `‹U+${(match.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`;
  });
}

function replacement(control: string): string {
  if (control === "\t") return control;
  return control === "\u2028" || control === "\u2029" ? "\n" : "";
}

/** The body of a string sequence is dropped at once, so that an endless one costs no memory. */
function unfinished(match: string, groups: Record<string, string | undefined>): string {
  const start = groups["string"];
  return start === undefined ? match : start + (groups["closing"] ?? "");
}
