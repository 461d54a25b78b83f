import { type Block, paragraphs } from "../blocks.ts";

export const readPlainText = (source: string): Block[] => paragraphs(source, 1);
