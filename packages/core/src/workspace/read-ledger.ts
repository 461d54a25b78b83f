/**
 * Remembers which version of each file the model saw last, so that a change based on an older one is noticed.
 * Paths are absolute and resolved; versions are SHA-256, hexadecimal.
 */
export interface ReadLedger {
  note(path: string, version: string): void;
  versionOf(path: string): string | undefined;
}

export function createReadLedger(): ReadLedger {
  const versions = new Map<string, string>();
  return {
    note: (path, version) => void versions.set(path, version),
    versionOf: (path) => versions.get(path),
  };
}
