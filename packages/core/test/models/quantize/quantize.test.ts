import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { requireRoom } from "../../../src/models/quantize/disk-room.ts";
import { findLlamaTool, type Quantization, quantizeModel } from "../../../src/models/quantize/index.ts";
import { buildLlamaTools } from "../../../src/models/quantize/tool-build.ts";
import { scriptedGguf, temporaryWorkspace } from "../../../src/testing/index.ts";

const { signal } = new AbortController();

async function model(): Promise<AsyncDisposable & { path: string; options: Quantization }> {
  const folder = await temporaryWorkspace();
  const source = join(folder.path, "model.gguf");
  await scriptedGguf(source, { replies: { first: ["yes"] } });
  return {
    path: folder.path,
    options: {
      source,
      target: join(folder.path, "small.gguf"),
      type: "Q4_K_M",
      tools: { given: undefined, built: join(folder.path, "tools") },
      text: undefined,
      threads: 1,
      overwrite: false,
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test("a quantiser that is not built is named, with the command that builds it", async () => {
  await using folder = await model();
  await expect(quantizeModel(folder.options, signal)).rejects.toMatchObject({
    code: "PROGRAM_MISSING",
    message: "llama-quantize, a program of llama.cpp, is not built on this machine",
    hint: "trust host tools build",
  });
  expect(await readdir(folder.path)).toEqual(["model.gguf"]);
});

test("a folder of tools that lacks the quantiser is named", async () => {
  await using folder = await model();
  const tools = { given: folder.path, built: "" };
  await expect(quantizeModel({ ...folder.options, tools }, signal)).rejects.toMatchObject({
    code: "PROGRAM_MISSING",
    hint: "unset TRUST_LLAMA_TOOLS and run: trust host tools build",
  });
});

test("what is no model is refused before anything else", async () => {
  await using folder = await model();
  await writeFile(join(folder.path, "page.gguf"), "<html>not found</html>, and some more to be long enough");
  const options = { ...folder.options, source: join(folder.path, "page.gguf") };
  await expect(quantizeModel(options, signal)).rejects.toMatchObject({ code: "MODEL_INVALID" });
});

test("a model is never written over itself, whatever the file is called", async () => {
  await using folder = await model();
  const link = join(folder.path, "link.gguf");
  await symlink(folder.options.source, link);
  for (const target of [folder.options.source, link, join(folder.path, "sub", "..", "model.gguf")]) {
    const attempt = quantizeModel({ ...folder.options, target, overwrite: true }, signal);
    await expect(attempt).rejects.toMatchObject({ code: "USAGE" });
  }
});

test("a file that is there already is kept, and a folder is never replaced", async () => {
  await using folder = await model();
  const { target } = folder.options;
  await writeFile(target, "mine");
  const conflict = quantizeModel(folder.options, signal);
  await expect(conflict).rejects.toMatchObject({ code: "FILE_CONFLICT", hint: "--force replaces it" });
  const inFolder = quantizeModel({ ...folder.options, target: folder.path, overwrite: true }, signal);
  await expect(inFolder).rejects.toMatchObject({ code: "FILE_CONFLICT" });
  const nowhere = quantizeModel({ ...folder.options, target: join(folder.path, "no", "small.gguf") }, signal);
  await expect(nowhere).rejects.toMatchObject({ code: "FILE_FAILED" });
});

test("a disk without room is noticed before anything is written", async () => {
  await using folder = await temporaryWorkspace();
  await requireRoom(folder.path, 1);
  await expect(requireRoom(folder.path, 2 ** 60)).rejects.toMatchObject({
    code: "FILE_FAILED",
    message: expect.stringContaining("has no room for 1099511627776 MiB") as string,
  });
});

test("a program counts as built only when its build has ended", async () => {
  await using folder = await temporaryWorkspace();
  const place = { given: undefined, built: folder.path };
  const program = process.platform === "win32" ? "llama-bench.exe" : "llama-bench";
  await folder.write(`build/bin/${program}`, "half of it");
  expect(findLlamaTool("llama-bench", place)).toBeUndefined();
  await folder.write("stamp", "source and options\nllama-bench\n");
  expect(findLlamaTool("llama-bench", place)).toBe(join(folder.path, "build", "bin", program));
  expect(findLlamaTool("llama-server", place)).toBeUndefined();
});

test("tools that the person has built are found in the folder, or in its bin", async () => {
  await using folder = await temporaryWorkspace();
  const program = process.platform === "win32" ? "llama-bench.exe" : "llama-bench";
  await mkdir(join(folder.path, "bin"));
  await folder.write(`bin/${program}`, "");
  const found = findLlamaTool("llama-bench", { given: folder.path, built: "" });
  expect(found).toBe(join(folder.path, "bin", program));
});

test("a build whose source is missing says so and leaves no stamp", async () => {
  await using folder = await temporaryWorkspace();
  const build = { folder: folder.path, bundle: join(folder.path, "no.bundle"), tools: ["llama-bench"] as const };
  await expect(buildLlamaTools(build, signal)).rejects.toMatchObject({ code: "PROGRAM_MISSING" });
  await folder.write("bad.bundle", "this is no bundle");
  const bad = { ...build, bundle: join(folder.path, "bad.bundle") };
  await expect(buildLlamaTools(bad, signal)).rejects.toMatchObject({ code: "TOOL_FAILED" });
  expect(await readdir(folder.path)).not.toContain("stamp");
});
