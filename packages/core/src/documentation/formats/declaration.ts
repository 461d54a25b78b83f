import { below, type Block } from "../blocks.ts";
import { readMarkdown } from "./markdown.ts";

/** Something that code declares, with what its author wrote about it. */
export interface Declaration {
  /** What it lies in, from the outside, and its own name last. */
  names: readonly string[];
  signature: string;
  /** Without the marks of the comment. Markdown, more or less. */
  comment: string;
  line: number;
}

const longestSignature = 4000;

/** Each declaration under a heading of its own, overloads under one. `separator` stands between names in this language. */
export const declarationBlocks = (declarations: readonly Declaration[], separator: string): Block[] =>
  withoutOverloads(declarations).flatMap(({ names, signature, comment, line }): Block[] => {
    const text = names.join(separator);
    const shown = signature.length > longestSignature ? `${signature.slice(0, longestSignature)} …` : signature;
    return [
      { type: "heading", level: 1, text, line, symbol: text },
      ...(shown === "" ? [] : [{ type: "code" as const, text: shown, line }]),
      ...below(1, readMarkdown(comment)).map((block) => ({ ...block, line })),
    ];
  });

function withoutOverloads(declarations: readonly Declaration[]): Declaration[] {
  const merged: Declaration[] = [];
  for (const declaration of declarations) {
    const last = merged.at(-1);
    if (last?.names.join("\n") !== declaration.names.join("\n")) merged.push({ ...declaration });
    else {
      const { signature, comment } = last;
      const comments = comment.includes(declaration.comment) ? [comment] : [comment, declaration.comment];
      last.signature = `${signature}\n${declaration.signature}`;
      last.comment = comments.filter((text) => text !== "").join("\n\n");
    }
  }
  return merged;
}
