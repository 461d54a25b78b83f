import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { resolveModelReference } from "@trust-cli/core/models";
import { scriptedGguf, temporaryWorkspace } from "@trust-cli/core/testing";
import { expect, test } from "vitest";

import { requireChatTemplate } from "../../src/composition/chat-template.ts";

test("a model file without a chat template is refused, and one with it is not", async () => {
  await using workspace = await temporaryWorkspace();
  const path = join(workspace.path, "model.gguf");
  await scriptedGguf(path, { replies: { first: ["Hi."] } });
  const reference = await resolveModelReference(path, { cwd: workspace.path, environment: {} });
  requireChatTemplate(reference);
  const file = await readFile(path);
  file.write("tokenizer.ch_t_template", file.indexOf("tokenizer.chat_template"));
  await writeFile(path, file);
  expect(() => requireChatTemplate(reference)).toThrow(
    expect.objectContaining({ code: "MODEL_INVALID", hint: expect.stringContaining("instruct or chat version") }),
  );
});
