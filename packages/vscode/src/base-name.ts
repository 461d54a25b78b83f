/** The last name of a path of any platform. */
export const baseName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path;
