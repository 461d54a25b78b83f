import { fakeOpenAiServer, say, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, expect, test } from "vitest";

import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

test("a model is told what AGENTS.md says, and then what the person set", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace({ "AGENTS.md": "Use tabs.\n" });
  await using server = await fakeOpenAiServer([say("Yes.")]);
  const env = { TRUST_INSTRUCTIONS: "Answer in German." };
  const { status } = await trust(["-m", server.url, "-p", "hello"], { home, cwd: workspace.path, env });
  expect(status).toBe(0);
  const chat = server.requests.find(({ path }) => path.endsWith("/chat/completions"));
  const body = chat?.body as { messages: { role: string; content: string }[] } | undefined;
  expect(body?.messages[0]?.content).toMatch(
    /From AGENTS\.md, by the authors of this project:\n\nUse tabs\.\n\nAnswer in German\./,
  );
});
