import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

import { expect, test } from "vitest";

import { trustPaths } from "../../src/config/index.ts";

test("TRUST_HOME moves everything, on every platform", () => {
  for (const platform of ["linux", "darwin", "win32"] as const) {
    expect(trustPaths({ TRUST_HOME: "/t", HOME: "/home/ada", XDG_CONFIG_HOME: "/x" }, platform)).toEqual({
      config: join("/t", "config"),
      data: join("/t", "data"),
      state: join("/t", "state"),
      cache: join("/t", "cache"),
    });
  }
});

test("Linux follows the XDG folders, and ignores relative ones as XDG says", () => {
  expect(trustPaths({ HOME: "/home/ada", XDG_DATA_HOME: "/d", XDG_CACHE_HOME: "cache" }, "linux")).toEqual({
    config: "/home/ada/.config/trust",
    data: "/d/trust",
    state: "/home/ada/.local/state/trust",
    cache: "/home/ada/.cache/trust",
  });
});

test("macOS and Windows follow their own conventions", () => {
  expect(trustPaths({ HOME: "/Users/ada" }, "darwin").data).toBe("/Users/ada/Library/Application Support/trust");
  expect(trustPaths({ HOME: "/u", LOCALAPPDATA: "/u/local" }, "win32").data).toBe(join("/u/local", "trust", "data"));
});

test("without HOME there is still a place for everything", () => {
  for (const environment of [{}, { HOME: "" }, { HOME: "relative" }]) {
    const paths = trustPaths(environment, "linux");
    expect(paths.config.startsWith(homedir())).toBe(true);
    expect(Object.values(paths).every((path: string) => isAbsolute(path))).toBe(true);
  }
});
