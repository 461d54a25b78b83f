import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { setConfigValue, trustPaths, userConfigFile } from "../../src/config/index.ts";
import { temporaryFolder, withoutRootRights } from "../workspace/temporary-folder.ts";
import { rejection } from "./bench.ts";

const read = (folder: string, name: string): string => readFileSync(join(folder, name), "utf8");

test("keeps comments, order and everything else of a YAML file", async () => {
  const folder = temporaryFolder({ "config.yaml": "# mine\nmode: ask # careful\nlimits:\n  steps: 9\n" });
  expect(await setConfigValue(join(folder, "config.yaml"), "limits.minutes", "5")).toBe(5);
  await setConfigValue(join(folder, "config.yaml"), "mode", "plan");
  expect(read(folder, "config.yaml")).toBe("# mine\nmode: plan # careful\nlimits:\n  steps: 9\n  minutes: 5\n");
});

test("writes JSON as JSON", async () => {
  const folder = temporaryFolder({ "config.json": '{"limits":{"steps":9}}' });
  await setConfigValue(join(folder, "config.json"), "offline", "true");
  expect(read(folder, "config.json")).toBe('{\n  "limits": {\n    "steps": 9\n  },\n  "offline": true\n}\n');
});

test("makes a file that is not there yet, for the person alone", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "config", "config.yaml");
  await setConfigValue(file, "limits.steps", "3");
  expect(readFileSync(file, "utf8")).toBe("limits:\n  steps: 3\n");
  expect([statSync(file).mode & 0o777, statSync(join(folder, "config")).mode & 0o777]).toEqual([0o600, 0o700]);
});

test("a linked file stays a link", async () => {
  const folder = temporaryFolder({ "dotfiles/trust.yaml": "mode: ask\n" });
  symlinkSync(join("dotfiles", "trust.yaml"), join(folder, "config.yaml"));
  await setConfigValue(join(folder, "config.yaml"), "mode", "edit");
  expect(lstatSync(join(folder, "config.yaml")).isSymbolicLink()).toBe(true);
  expect(read(folder, "dotfiles/trust.yaml")).toBe("mode: edit\n");
});

test("refuses what the schema refuses and leaves the file alone", async () => {
  const folder = temporaryFolder({ "config.yaml": "mode: ask\n" });
  const file = join(folder, "config.yaml");
  expect((await rejection(setConfigValue(file, "mode", "yolo"))).code).toBe("CONFIG_INVALID");
  expect((await rejection(setConfigValue(file, "limits.steps", "-1"))).code).toBe("CONFIG_INVALID");
  expect((await rejection(setConfigValue(file, "offlin", "true"))).hint).toContain("did you mean offline?");
  expect(readdirSync(folder)).toEqual(["config.yaml"]);
  expect(read(folder, "config.yaml")).toBe("mode: ask\n");
});

test("does not add to a file that is broken", async () => {
  const folder = temporaryFolder({ "config.yaml": "mode: [ask\n" });
  expect((await rejection(setConfigValue(join(folder, "config.yaml"), "mode", "plan"))).code).toBe("CONFIG_INVALID");
  expect(read(folder, "config.yaml")).toBe("mode: [ask\n");
});

test("in a folder that cannot be written it fails and leaves nothing behind", async () => {
  const folder = temporaryFolder({ "config.yaml": "mode: ask\n" });
  chmodSync(folder, 0o555);
  chmodSync(join(folder, "config.yaml"), 0o644);
  const error = await withoutRootRights(() => rejection(setConfigValue(join(folder, "config.yaml"), "mode", "plan")));
  expect(error.code).toBe("FILE_FAILED");
  expect(readdirSync(folder)).toEqual(["config.yaml"]);
});

test("the person's file is the one in use, or a YAML file", async () => {
  const folder = temporaryFolder({ "a/config/config.json": "{}" });
  const paths = (name: string) => trustPaths({ TRUST_HOME: join(folder, name) }, "linux");
  expect(await userConfigFile(paths("a"))).toBe(join(folder, "a", "config", "config.json"));
  expect(await userConfigFile(paths("b"))).toBe(join(folder, "b", "config", "config.yaml"));
  expect(existsSync(join(folder, "b"))).toBe(false);
});
