/* What a person asks and gets: without anything of the database, since other packages read it. */

export interface AddProgress {
  name: string;
  files: number;
  sections: number;
}

export interface AddOptions {
  /** What the source is called; its own name when nothing is said. */
  name?: string | undefined;
  signal: AbortSignal;
  onProgress?: (progress: AddProgress) => void;
}

export interface Added {
  name: string;
  location: string;
  files: number;
  sections: number;
  /** Files that were read now; the others had not changed. */
  read: number;
  removed: number;
  /** What was left out and why, in sentences. */
  notes: string[];
}

/** What was added under one name. */
export interface AddedSource {
  name: string;
  location: string;
  files: number;
  sections: number;
  /** When it was read last, ISO 8601. */
  added: string;
}

export interface DocumentHit {
  source: string;
  path: string;
  /** The headings that lead to it: `Guide > Routing > Wildcards`. */
  heading: string;
  line: number;
  text: string;
  /** The line that fits best, with those around it. */
  excerpt: string;
}

export interface DocumentSearch {
  limit?: number;
  /** Only of the source with this name. */
  source?: string | undefined;
}
