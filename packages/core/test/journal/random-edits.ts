/** What a folder holds: texts by path. */
export type State = Readonly<Record<string, string>>;
/** Texts to write, and undefined for files to remove. */
export type RandomEdit = Readonly<Record<string, string | undefined>>;

const names = ["a.txt", "b.txt", "src/c.ts", "src/deep/d.ts", "e e.md", "new/folder/f.txt", "new/g.txt"];

/** The same start and edits for the same seed. Each edit writes, makes and removes files, and some move one. */
export function randomEdits(seed: number, count: number): { start: State; edits: RandomEdit[] } {
  const random = generator(seed);
  const text = (): string => `${random(1e9)}\n`.repeat(1 + random(40));
  const start: Record<string, string> = {};
  for (const name of names) if (random(2) === 0) start[name] = text();
  let state: State = start;
  const edits: RandomEdit[] = [];
  for (let index = 0; index < count; index++) {
    const edit: Record<string, string | undefined> = random(2) === 0 ? move(state, random) : {};
    for (const name of names) {
      if (name in edit || random(2) === 0) continue;
      const removes = name in state && random(3) === 0;
      edit[name] = removes ? undefined : text();
    }
    if (Object.keys(edit).length === 0) edit["a.txt"] = text();
    edits.push(edit);
    state = after(state, edit);
  }
  return { start, edits };
}

function move(state: State, random: (limit: number) => number): Record<string, string | undefined> {
  const taken = names.filter((name) => name in state);
  const free = names.filter((name) => !(name in state));
  const [from, to] = [taken[random(taken.length)], free[random(free.length)]];
  return from === undefined || to === undefined ? {} : { [from]: undefined, [to]: state[from] };
}

export function after(state: State, edit: RandomEdit): State {
  const next = Object.entries({ ...state, ...edit }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(next.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whole numbers below a limit (mulberry32). */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
