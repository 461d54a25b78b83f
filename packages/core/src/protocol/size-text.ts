const units = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const;
const binaryUnits = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

/** Reads sizes such as 6G, 512M, 1.5GB or 4GiB, or a number of bytes. Undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*(?:([KMGT])(i?)B?|B)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2]?.toUpperCase() as keyof typeof units | undefined;
  const factor = unit === undefined ? 1 : match[3] === "" ? units[unit] : binaryUnits[unit];
  const bytes = Math.round(Number(match[1]) * factor);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** In words, such as "4.4 GB". */
export const sizeText = (bytes: number): string =>
  bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

/** As `parseSize` reads it. */
export const writtenSize = (bytes: number): string =>
  bytes < 1e9 ? `${Math.round(bytes / 1e6)}M` : `${(bytes / 1e9).toFixed(1)}G`;

const step = (bytes: number): number => (bytes < 1e9 ? 1e6 : 1e8);

/** To what `sizeText` can show. */
export const roundedUp = (bytes: number): number => Math.ceil(bytes / step(bytes)) * step(bytes);
export const roundedDown = (bytes: number): number => Math.floor(bytes / step(bytes)) * step(bytes);
