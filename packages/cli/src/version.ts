declare const TRUST_VERSION: string | undefined;

/** The version in package.json, put here by the build. */
export const version = typeof TRUST_VERSION === "string" ? TRUST_VERSION : "0.0.0-source";
