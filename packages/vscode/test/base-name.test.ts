import { expect, test } from "vitest";

import { baseName } from "../src/base-name.ts";

test.each([
  ["src/cart.ts", "cart.ts"],
  ["C:\\shop\\src\\cart.ts", "cart.ts"],
  ["cart.ts", "cart.ts"],
])("the last name of %s is %s", (path, name) => expect(baseName(path)).toBe(name));
