import * as z from "zod";

import type { PreparedCall, Tool } from "../ports/tool.ts";
import { ok } from "../protocol/errors.ts";
import { deniedWith } from "./denied-with.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { editFileTool } from "./edit-file.ts";
import { runTestsTool } from "./run-tests.ts";

const Input = z.strictObject({ path: z.string().min(1), old_text: z.string(), new_text: z.string() });
type Input = z.infer<typeof Input>;

/** What small models would need two calls for. The tests run only where their command may run without being asked about. */
export function changeAndTestTool(dependencies: ToolDependencies): Tool<Input> {
  const edit = editFileTool(dependencies);
  return {
    ...edit,
    name: "change_and_test",
    description: "Replace text in a file, then run the tests that belong to it",
    input: Input,
    deniedWith,
    prepare: async (input, signal) => {
      const prepared = await edit.prepare(input, signal);
      if (!prepared.ok) return prepared;
      return ok({
        ...prepared.value,
        run: async (stop, onOutput) => {
          const changed = await prepared.value.run(stop, onOutput);
          if (changed.status === "failed") return changed;
          const tested = await test(input.path, dependencies, [stop, onOutput]);
          return {
            ...changed,
            text: `${changed.text}\n${tested.text}`,
            summary: `${changed.summary}, ${tested.summary}`,
          };
        },
      });
    },
  };
}

async function test(
  path: string,
  dependencies: ToolDependencies,
  how: Parameters<PreparedCall["run"]>,
): Promise<{ text: string; summary: string }> {
  const prepared = await runTestsTool(dependencies).prepare({ paths: [path] }, how[0]);
  if (!prepared.ok) return { text: `no tests were run: ${prepared.error.message}`, summary: "not tested" };
  const { command = "" } = prepared.value;
  if (dependencies.mayRun?.("run_tests", command) === true) return await prepared.value.run(...how);
  const call = `run_tests {"paths": [${JSON.stringify(path)}]}`;
  return { text: `the tests were not run: the person must allow it first. To ask: ${call}`, summary: "not tested" };
}
