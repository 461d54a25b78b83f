/** The largest count up to `most` that is good, where every smaller one is good too; 0 when none is. */
export function largestCount(most: number, good: (count: number) => boolean): number {
  let low = 0;
  let high = Math.max(0, most);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (good(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
