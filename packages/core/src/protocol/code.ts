export type SymbolKind =
  | "class"
  | "interface"
  | "type"
  | "enum"
  | "function"
  | "method"
  | "field"
  | "constant"
  | "variable"
  | "module"
  | "macro";

/** Lines count from 1. */
export interface Definition {
  name: string;
  kind: SymbolKind;
  line: number;
  endLine: number;
  /** Names of what it lies in, joined by dots. */
  container?: string;
  /** Its first line without indentation and body, 200 characters at most. */
  signature: string;
  exported: boolean;
}

export interface Reference {
  name: string;
  lines: number[];
}

export interface Import {
  from: string;
  line: number;
  names: string[];
}

export interface ParseError {
  line: number;
  column: number;
  message: string;
}

/** What is in a file of code. `isPartial`: its parsing was cut short. */
export interface FileTags {
  language: string;
  definitions: Definition[];
  references: Reference[];
  imports: Import[];
  errors: ParseError[];
  isPartial: boolean;
}
