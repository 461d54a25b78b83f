/**
 * What two models are compared on when the person names no text: prose, questions and code of several languages, as an
 * assistant meets them. Its figures are comparable among models only as long as it stays as it is.
 */
export const checkText = `The lighthouse keeper's report for the month of March

The first week was calm. On Monday the supply boat came an hour late because the harbour master had closed the eastern
channel, where two fishing boats had lost their nets. We took in forty litres of lamp oil, a crate of apples, three sacks
of flour and the new bearing for the rotating lens, which turned out to be two millimetres too wide. Anna filed it down by
hand, a job of six hours, and it has not squeaked since. The barometer stood at 1021 hectopascals and hardly moved.

On the ninth the wind turned north-west and rose to gale force before midnight. Waves broke over the lower landing and
carried away the wooden steps that were repaired only last autumn. I would suggest stone this time. Nobody was hurt. The
light burned without a break, although the air intake had to be cleared of salt every two hours. At four in the morning a
coaster of about eight hundred tons passed much too close to the southern reef; we fired a white rocket, and she altered
course at once. Her captain telephoned the next day to thank us and to ask where he could send a bottle of rum.

Birds: the first puffins arrived on the seventeenth, five days earlier than last year. Visitors: none. Health: good, apart
from a cold. Requests: stone steps, a second pair of gloves, and somebody who can explain the new radio.

# How a hash table works

A hash table stores pairs of a key and a value so that the value can be found again quickly. It keeps an array of buckets.
To find the bucket of a key, it computes a number from the key, the hash, and takes the remainder after dividing by the
number of buckets. Two different keys can fall into the same bucket; this is called a collision. There are two usual ways
to deal with it:

1. Chaining: each bucket holds a list of all pairs that belong to it.
2. Open addressing: when a bucket is taken, the next free one in some fixed order is used instead.

As long as there are more buckets than pairs, both need only a few steps on average. When the table becomes too full, it
is copied into a larger array. Copying is expensive, but since the size doubles each time, the cost for each insertion
stays constant on average. In the worst case, when all keys collide, a search takes as long as walking through a list.

Question: Why should the order of the entries in a hash table never be relied upon?
Answer: Because it follows from the hash function and from the number of buckets, and both may change. Many languages
even choose a random seed at each start, so that nobody can make a server slow by sending keys that all collide.

export interface Inventory {
  readonly items: ReadonlyMap<string, number>;
}

/** Adds an amount of an item; a negative amount takes some away, but never more than there is. */
export function withItem({ items }: Inventory, name: string, amount: number): Inventory {
  const before = items.get(name) ?? 0;
  const after = before + amount;
  if (after < 0) {
    throw new RangeError("there are only " + before + " of " + name);
  }
  const next = new Map(items);
  if (after === 0) next.delete(name);
  else next.set(name, after);
  return { items: next };
}

test("an item that is used up disappears from the inventory", () => {
  const full = withItem({ items: new Map() }, "apple", 3);
  const empty = withItem(full, "apple", -3);
  expect(empty.items.has("apple")).toBe(false);
});

The same idea in Python, which reads the movements from a file with one movement in each line:

import sys
from collections import Counter

def read_movements(path):
    """Yields pairs of a name and an amount; lines that begin with a hash sign are comments."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            name, _, amount = line.rpartition(" ")
            try:
                yield name, int(amount)
            except ValueError:
                print(f"line {number}: {amount!r} is not a whole number", file=sys.stderr)

def main():
    stock = Counter()
    for name, amount in read_movements(sys.argv[1]):
        stock[name] += amount
    for name, amount in sorted(stock.items()):
        print(f"{name:20} {amount:6}")

if __name__ == "__main__":
    main()

And a query that finds what must be ordered again:

SELECT p.name, p.minimum, COALESCE(SUM(m.amount), 0) AS stock
FROM product AS p
LEFT JOIN movement AS m ON m.product_id = p.id
GROUP BY p.id, p.name, p.minimum
HAVING COALESCE(SUM(m.amount), 0) < p.minimum
ORDER BY p.name;

Dear Mr Okafor,

thank you for your letter of 3 May. You are right: the invoice counts the delivery twice. We have corrected it, and the
new total is 418.60 instead of 443.20. The difference of 24.60 was transferred to your account this morning. We are sorry
for the trouble, and even more for the fact that you had to write to us three times. From now on a second person checks
every invoice before it leaves the house. As a small apology your next delivery is free of charge.

Yours sincerely,
Ingrid Halvorsen

A soup for a rainy evening. Peel two onions, four carrots and half a celery root, and cut them into small cubes. Melt a
spoonful of butter in a large pot, add the vegetables and let them sweat gently for ten minutes; they must not turn brown.
Pour in a litre and a half of stock, add a bay leaf and a handful of red lentils, and simmer until the lentils fall apart.
Take out the bay leaf. Season with salt, pepper, a little cumin and the juice of half a lemon. Serve with toasted bread.

#include <stdio.h>
#include <string.h>

/* Reverses a line in place; the newline at its end, if there is one, stays where it is. */
static void reverse_line(char *line) {
  size_t length = strlen(line);
  if (length > 0 && line[length - 1] == '\\n') length--;
  for (size_t left = 0, right = length; left + 1 < right; left++, right--) {
    char kept = line[left];
    line[left] = line[right - 1];
    line[right - 1] = kept;
  }
}

int main(void) {
  char line[4096];
  while (fgets(line, sizeof line, stdin) != NULL) {
    reverse_line(line);
    fputs(line, stdout);
  }
  return ferror(stdin) ? 1 : 0;
}

To find out why a program is slow, measure before you change anything. First make the slow case repeatable, with the same
input each time and nothing else running. Then use a profiler to see where the time goes; it is hardly ever where you
expect it. Change one thing, measure again, and keep the change only when the difference is larger than the noise. Write
the figures down, because in a month nobody will remember them. Stop when it is fast enough for the people who use it.
`;
