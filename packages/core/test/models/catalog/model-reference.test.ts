import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ollamaUrl, resolveModelReference } from "../../../src/models/catalog/index.ts";
import { TrustError } from "../../../src/protocol/errors.ts";
import { temporaryWorkspace } from "../../../src/testing/index.ts";

const resolve = (text: string, environment: Record<string, string> = {}) =>
  resolveModelReference(text, { cwd: "/nowhere", environment });

describe("a model reference", () => {
  test("names the built-in model, a server, a kit or a model of Ollama", async () => {
    expect(await resolve("nano")).toEqual({ kind: "nano", id: "nano" });
    expect(await resolve("http://127.0.0.1:8080/v1")).toMatchObject({ kind: "server", url: { port: "8080" } });
    expect(await resolve("kit://reg.example/a/b:v1")).toMatchObject({ kind: "kit", reference: "reg.example/a/b:v1" });
    expect(await resolve("ollama/qwen3:8b")).toMatchObject({
      kind: "ollama",
      id: "ollama/qwen3:8b",
      model: "qwen3:8b",
      url: { href: "http://127.0.0.1:11434/" },
    });
    expect(await resolve("ollama:qwen3:8b")).toMatchObject({ id: "ollama/qwen3:8b", model: "qwen3:8b" });
    expect(await resolve("ollama/hf.co/owner/model:Q4_K_M")).toMatchObject({ model: "hf.co/owner/model:Q4_K_M" });
  });

  test("names a model of a server after #, written as in a URL", async () => {
    expect(await resolve("http://127.0.0.1:8080/v1#a%2Fb")).toMatchObject({ kind: "server", model: "a/b" });
    await expect(resolve("http://127.0.0.1:8080/v1#%zz")).rejects.toMatchObject({ code: "USAGE" });
  });

  test("names a file, counted from the folder", async () => {
    await using folder = await temporaryWorkspace();
    await mkdir(join(folder.path, "models"));
    await writeFile(join(folder.path, "models", "a.gguf"), "12345");
    const place = { cwd: folder.path, environment: {} };
    expect(await resolveModelReference("models/a.gguf", place)).toEqual({
      kind: "file",
      id: "models/a.gguf",
      path: join(folder.path, "models", "a.gguf"),
      sizeBytes: 5,
    });
    await expect(resolveModelReference("models/b.gguf", place)).rejects.toMatchObject({ code: "MODEL_MISSING" });
    await expect(resolveModelReference("models", place)).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });

  test("may name an Ollama elsewhere, which OLLAMA_HOST alone may not", async () => {
    expect(await resolve("ollama+http://gpu.example:11434/qwen3:8b")).toMatchObject({
      kind: "ollama",
      model: "qwen3:8b",
      url: { href: "http://gpu.example:11434/" },
    });
    await expect(resolve("ollama/qwen3", { OLLAMA_HOST: "gpu.example" })).rejects.toMatchObject({
      code: "REFUSED",
      message: expect.stringContaining("not this machine") as unknown,
      hint: "name it yourself: trust -m ollama+http://gpu.example:11434/qwen3",
    });
  });

  test.each([
    "ollama/",
    "ollama/a b",
    "ollama/../x\u0000",
    "ollama/a:b:c",
    "ollama+http://h/",
    "ollama+http://h/a?b c",
  ])("that names no model of Ollama is refused: %s", async (text) => {
    await expect(resolve(text)).rejects.toMatchObject({ code: "USAGE" });
  });

  test("is read or refused in words, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `ollama/${text}`),
        ),
        async (text) => {
          const outcome = await resolve(text).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(TrustError);
        },
      ),
    );
  });
});

describe("OLLAMA_HOST", () => {
  test.each([
    [undefined, "http://127.0.0.1:11434/"],
    ["", "http://127.0.0.1:11434/"],
    ["0.0.0.0", "http://127.0.0.1:11434/"],
    ["0.0.0.0:4000", "http://127.0.0.1:4000/"],
    [":4000", "http://127.0.0.1:4000/"],
    ["localhost:4000", "http://localhost:4000/"],
    ["::1", "http://[::1]:11434/"],
    ["[::]:4000", "http://[::1]:4000/"],
    ["gpu.example", "http://gpu.example:11434/"],
    ["http://gpu.example", "http://gpu.example/"],
    ["https://gpu.example:444", "https://gpu.example:444/"],
  ])("%s is %s", (host, url) => {
    expect(ollamaUrl({ OLLAMA_HOST: host }).href).toBe(url);
  });

  test("that is no address is said", () => {
    expect(() => ollamaUrl({ OLLAMA_HOST: "a b" })).toThrow(expect.objectContaining({ code: "USAGE" }) as Error);
  });
});
