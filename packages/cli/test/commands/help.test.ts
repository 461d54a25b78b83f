import { expect, test } from "vitest";

import { commands } from "../../src/commands/registry.ts";
import { helpText } from "../../src/help.ts";

test("the help names every command but the one that only Git calls", () => {
  const named = /Commands: ([\s\S]+)$/
    .exec(helpText)?.[1]
    ?.split(/[\s,]+/)
    .filter((word) => word !== "");
  expect(named).toEqual(commands.map(({ name }) => name).filter((name) => name !== "hook"));
});
