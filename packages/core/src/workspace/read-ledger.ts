/**
 * Remembers which version of each file the model saw last, so that a change based on an older one is noticed.
 * Paths are absolute and resolved; versions are SHA-256, hexadecimal.
 */
export interface ReadLedger {
  note(path: string, version: string): void;
  /** The same, and the model saw the line numbers of this version. */
  noteRead(path: string, version: string): void;
  versionOf(path: string): string | undefined;
  /** The version whose line numbers the model saw last. */
  numberedVersionOf(path: string): string | undefined;
}

export function createReadLedger(): ReadLedger {
  const versions = new Map<string, string>();
  const numbered = new Map<string, string>();
  return {
    note: (path, version) => void versions.set(path, version),
    noteRead: (path, version) => {
      versions.set(path, version);
      numbered.set(path, version);
    },
    numberedVersionOf: (path) => numbered.get(path),
    versionOf: (path) => versions.get(path),
  };
}
