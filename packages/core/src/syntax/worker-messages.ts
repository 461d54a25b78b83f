export interface TagRequest {
  language: string;
  text: string;
}

/** `loaded`: a grammar is ready, and a file's own time begins. `tags`: `FileTags` as JSON. */
export type TagReply =
  | { type: "loaded"; language: string }
  | {
      type: "tags";
      tags: string;
      /** What the parser holds; it gives none of it back. */
      memoryBytes: number;
    };
