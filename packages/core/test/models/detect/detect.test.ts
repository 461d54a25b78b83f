import { mkdir, symlink, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { findModelFiles, findServers, type FoundServer } from "../../../src/models/detect/index.ts";
import { startFakeServer } from "../../../src/testing/fake-server.ts";
import { fakeOllamaServer, fakeOpenAiServer, say, temporaryWorkspace } from "../../../src/testing/index.ts";

const never = (): AbortSignal => new AbortController().signal;
const nowhere = new URL("http://127.0.0.1:9");
const portOf = (url: string) => ({ port: Number(new URL(url).port), name: "llama-server" });

const find = (ollama: URL, urls: readonly string[] = []): Promise<FoundServer[]> =>
  findServers({ ollama: [ollama], ports: urls.map(portOf), milliseconds: 500 }, never());

describe("servers on this machine", () => {
  test("offer no name that is more than one line, or that nobody can type", async () => {
    const names = ["good:latest", "two\nlines:latest", "has space:latest", "\u001b[2Jx:latest"];
    await using ollama = await fakeOllamaServer([], { models: names.map((name) => ({ name })) });
    await using openai = await fakeOpenAiServer([], { models: [{ id: "a b" }, { id: "two\nlines" }] });
    const found = await find(new URL(ollama.url), [openai.url]);
    expect(found.map(({ models }) => models.map(({ name }) => name))).toEqual([["good:latest"], ["a b"]]);
  });

  test("are found with their models, what these are, and which are in memory", async () => {
    const models = [
      { name: "qwen3:8b", sizeBytes: 5e9 },
      { name: "big-cloud:latest", remoteHost: "https://ollama.com:443" },
    ];
    await using ollama = await fakeOllamaServer([say("ok")], { models });
    await using openai = await fakeOpenAiServer([], { models: [{ id: "m", meta: { n_ctx: 4096 } }] });
    await fetch(`${ollama.url}/api/chat`, {
      method: "POST",
      body: JSON.stringify({ model: "qwen3:8b", options: { num_ctx: 8192 } }),
    });
    expect(await find(new URL(ollama.url), [openai.url])).toEqual([
      {
        kind: "ollama",
        name: "Ollama",
        url: ollama.url,
        models: [
          { name: "qwen3:8b", sizeBytes: 5e9, contextSize: 8192, isRunning: true },
          { name: "big-cloud:latest", sizeBytes: 1e9, remoteHost: "https://ollama.com:443" },
        ],
      },
      {
        kind: "openai",
        name: "llama-server",
        url: openai.url,
        models: [{ name: "m", contextSize: 4096, isRunning: true }],
      },
    ]);
  });

  test("that are not there are left out", async () => {
    expect(await find(nowhere, ["http://127.0.0.1:9"])).toEqual([]);
  });

  test("beyond this machine are never asked", async () => {
    const elsewhere = new URL("http://192.0.2.1:11434");
    expect(await findServers({ ollama: [elsewhere], ports: [], milliseconds: 60_000 }, never())).toEqual([]);
  });

  test("may list very many models, or names that are none, without harm", async () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ id: `m${index}` }));
    await using server = await fakeOpenAiServer([], { models: [{ id: "" }, { id: "x".repeat(5000) }, ...many] });
    const [found] = await find(nowhere, [server.url]);
    expect(found?.models).toHaveLength(1000);
    expect(found?.models[0]?.name).toBe("m0");
  });

  test.each([
    ["say nothing", () => undefined],
    ["drip their answer", (response: ServerResponse) => void drip(response)],
    ["are something else", (response: ServerResponse) => response.end("<html>")],
    ["answer with other JSON", (response: ServerResponse) => response.end('{"models":[5]}')],
    ["send without an end", (response: ServerResponse) => void flood(response)],
    ["redirect", (response: ServerResponse) => response.writeHead(302, { location: "http://127.0.0.1:1" }).end()],
  ])("that %s are left out", async (_, answer) => {
    await using server = await startFakeServer((__, response) => {
      answer(response);
    });
    expect(await find(new URL(server.origin), [server.origin])).toEqual([]);
  });
});

async function drip(response: ServerResponse): Promise<void> {
  while (!response.destroyed) {
    response.write(" ");
    await sleep(20);
  }
}

async function flood(response: ServerResponse): Promise<void> {
  const spaces = " ".repeat(1024 * 1024);
  while (!response.destroyed) {
    await new Promise((resolve) => response.write(spaces, resolve));
    await sleep(1);
  }
}

describe("model files", () => {
  test("are found below the folders, each model once", async () => {
    await using folder = await temporaryWorkspace();
    const names = ["b.gguf", "a/B.GGUF", "notes.txt", "big-00001-of-00002.gguf", "big-00002-of-00002.gguf"];
    for (const name of [...names, "1/2/deep.gguf", "1/2/3/too-deep.gguf"]) {
      await mkdir(dirname(join(folder.path, name)), { recursive: true });
      await writeFile(join(folder.path, name), "123");
    }
    await mkdir(join(folder.path, "folder.gguf"));
    await symlink(join(folder.path, "nothing"), join(folder.path, "broken.gguf"));
    await symlink(folder.path, join(folder.path, "again"));
    const found = await findModelFiles([folder.path, join(folder.path, "missing")], never());
    expect(found.map(({ path }) => path.slice(folder.path.length + 1))).toEqual([
      "1/2/deep.gguf",
      "a/B.GGUF",
      "b.gguf",
      "big-00001-of-00002.gguf",
    ]);
    expect(found[0]?.sizeBytes).toBe(3);
  });
});
