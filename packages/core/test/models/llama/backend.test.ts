import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

const backend = join(import.meta.dirname, "..", "..", "..", "src", "models", "llama", "host", "backend.ts");

test("a GPU binary that was fetched on consent is found where it was put", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "trust-backends-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const fetched = join(folder, "node_modules", "@node-llama-cpp", "some-gpu");
  mkdirSync(fetched, { recursive: true });
  // As published: only importable, not requirable by path.
  writeFileSync(join(fetched, "package.json"), '{"type":"module","exports":{".":{"import":"./index.js"}}}');
  writeFileSync(join(fetched, "index.js"), 'export const place = "fetched";');
  const script = `
    const { useInstalledBackends } = await import(${JSON.stringify(backend)});
    useInstalledBackends(${JSON.stringify(folder)});
    console.log((await import("@node-llama-cpp/some-gpu")).place);`;
  const args = ["--conditions=@trust-cli/source", "--input-type=module", "-e", script];
  expect(execFileSync(process.execPath, args, { encoding: "utf8" }).trim()).toBe("fetched");
});
