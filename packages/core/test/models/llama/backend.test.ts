import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { findBinary } from "../../../src/models/llama/host/addon.ts";

test("the binary that npm installed for this machine is found", () => {
  expect(findBinary("cpu", undefined)).toMatch(/llama-addon\.node$/);
});

test("a GPU binary that was fetched on consent is found where it was put", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "trust-backends-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const os = { win32: "win", darwin: "mac" }[process.platform as string] ?? process.platform;
  const name = `${os}-${process.arch}-cuda`;
  const binary = join(folder, "node_modules", "@node-llama-cpp", name, "bins", name, "llama-addon.node");
  expect(findBinary("cuda", folder)).toBeUndefined();
  mkdirSync(dirname(binary), { recursive: true });
  writeFileSync(binary, "");
  expect(findBinary("cuda", folder)).toBe(binary);
});
