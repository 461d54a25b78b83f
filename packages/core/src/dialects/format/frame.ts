import {
  closeForms,
  closingStart,
  commonPrefix,
  commonSuffix,
  firstTag,
  isBlankText,
  withoutOpenEnd,
  withoutOpenStart,
} from "./markup.ts";
import type { CallFormat } from "./tool-format.ts";

/** One call and, where the family writes several, two, as a template wrote them. */
export interface CallRegion {
  one: string;
  two: string | undefined;
  ids: readonly [string, string];
  template: string;
}

/** What stands around the bodies of calls. */
export type Frame = Omit<CallFormat, "body" | "lead">;

/** What stands before the first call, between two, and after the last. */
export interface Pieces {
  before: string;
  between: string | undefined;
  after: string;
}

/** Tells the markers of a section from those of each call. */
export function frameOf({ before, between, after }: Pieces): Frame {
  const list = before.trimEnd().endsWith("[") && after.trimStart().startsWith("]");
  if (list) {
    const sectionOpen = before.slice(0, before.lastIndexOf("["));
    const rest = after.slice(after.indexOf("]") + 1);
    const sectionClose = closeOf(sectionOpen, rest);
    return { sectionOpen, sectionClose, open: "", close: "", separator: between ?? ", ", list };
  }
  if (between === undefined) {
    return { sectionOpen: "", sectionClose: "", open: before, close: closeOf(before, after), separator: "\n", list };
  }
  const open = withoutOpenStart(commonSuffix(before, between));
  const shared = withoutOpenEnd(commonPrefix(after, between));
  const wholeOpen = isBlankText(open) ? "" : open;
  const close = isBlankText(shared) ? "" : shared;
  const framing = before.slice(0, before.length - wholeOpen.length);
  const sectionOpen = isBlankText(framing) ? "" : framing;
  return {
    sectionOpen,
    sectionClose: sectionOpen === "" ? "" : closeOf(sectionOpen, after.slice(close.length)),
    open: wholeOpen,
    close,
    separator: between.slice(close.length, between.length - wholeOpen.length),
    list,
  };
}

/** The marker in `after` that ends what `open` began. */
export function closeOf(open: string, after: string): string {
  const paired = closingStart(open, after);
  if (paired !== undefined) return paired;
  const anywhere = closeForms(open).find((form) => after.includes(form));
  if (anywhere !== undefined) return after.slice(0, after.indexOf(anywhere) + anywhere.length);
  return isBlankText(open) ? "" : firstTag(after);
}
