import type { TemplateValues } from "../../dialects/index.ts";

/** What the thread for templates is asked: one template, with each of some values. */
export interface WorkerRequest {
  id: number;
  template: string;
  values: readonly TemplateValues[];
}

/** `refused`: the template itself gave up on the conversation, so that no other engine would do better. */
export type RenderedText = { text: string } | { failure: string; refused: boolean };

export interface WorkerReply {
  id: number;
  texts: readonly RenderedText[];
}
