const mostStars = 3;
const longest = 200;

/** Whether a glob may be tried on many names: a matcher may be busy for hours with more stars in one part of a path. */
export const isBoundedGlob = (pattern: string): boolean =>
  pattern.length <= longest &&
  pattern.split("/").every((part) => part === "**" || part.split("*").length - 1 <= mostStars);
