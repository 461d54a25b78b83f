import { expect, test } from "vitest";

import { announcesAction } from "../../src/engine/intent.ts";

test.each([
  "Let me look at the file.",
  "I will now read a.txt",
  "First, I need the list of files:",
  "Sure.\n\nI'm going to run the tests.",
  "The bug is in cart.ts. Next, I fix it.",
  "次のファイルを読みます：",
])("announces an action: %s", (text) => {
  expect(announcesAction(text)).toBe(true);
});

test.each([
  "",
  "The port is 8080.",
  "Let me know if you need more.",
  "Shall I run the tests?",
  "I will read it, do you agree?",
  "Let me read it. It says alpha.",
])("announces nothing: %s", (text) => {
  expect(announcesAction(text)).toBe(false);
});
