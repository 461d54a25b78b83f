export interface Version {
  major: number;
  minor: number;
  patch: number;
  /** Identifiers behind the hyphen; empty for a release. */
  prerelease: readonly (string | number)[];
}

const form = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** Undefined for a text that is no version. */
export function parseVersion(text: string): Version | undefined {
  const match = form.exec(text.trim());
  if (match === null) return undefined;
  const [, major, minor, patch, rest] = match;
  const prerelease = rest === undefined ? [] : rest.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease };
}

/** Below, at or above 0, by the precedence of semver.org. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePrerelease(a.prerelease, b.prerelease);
}

function comparePrerelease(a: Version["prerelease"], b: Version["prerelease"]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    if (left === right) continue;
    if (typeof left === "number" && typeof right === "number") return left - right;
    if (typeof left === "number") return -1;
    if (typeof right === "number") return 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
