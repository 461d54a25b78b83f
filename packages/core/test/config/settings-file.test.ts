import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseValue, readSettings } from "../../src/config/read-file.ts";
import { TrustError } from "../../src/protocol/errors.ts";
import { configBench, rejection } from "./bench.ts";

async function complaint(name: string, text: string): Promise<TrustError> {
  return rejection(configBench({ [`home/config/${name}`]: text }).load());
}

describe("a mistake is shown with its file and line", () => {
  test.each([
    ["a wrong type in YAML", "config.yaml", "# mine\nmode: ask\nlimits:\n  steps: many\n", ":4: limits.steps:"],
    ["a wrong type in JSON", "config.json", '{\n  "mode": "ask",\n  "offline": "yes"\n}', ":3: offline:"],
    ["a value out of range", "config.yaml", "limits:\n  minutes: -1\n", ":2: limits.minutes:"],
    ["an unknown mode", "config.yaml", "\n\nmode: yolo\n", ":3: mode:"],
    ["a group that holds no settings", "config.yaml", "limits: 5\n", ":1: limits is a group"],
    ["broken YAML", "config.yaml", "mode: ask\nallow: [a, b\n", "config.yaml:"],
    ["broken JSON", "config.json", '{"mode": ', "config.json:1:"],
    ["a key twice", "config.yaml", "mode: ask\nmode: plan\n", ":2: Map keys must be unique"],
    ["a file that is a list", "config.yaml", "- mode\n", "settings are written as key: value"],
    ["an alias of nothing", "config.yaml", "mode: *none\n", "config.yaml:1:"],
  ])("%s", async (_, name, text, expected) => {
    const error = await complaint(name, text);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain(expected);
    expect(error.hint).toBeDefined();
  });

  test("an unknown key suggests the nearest one", async () => {
    const error = await complaint("config.yaml", "limits:\n  step: 5\n");
    expect(error.message).toContain(":2: there is no setting limits.step");
    expect(error.hint).toContain("did you mean limits.steps?");
  });

  test("an unknown key of any length is cut to 60 characters", async () => {
    const error = await complaint("config.yaml", `"${"k".repeat(500)}": 1\n`);
    expect(error.message).toMatch(/there is no setting k{59}…$/);
    expect(error.hint).toBeDefined();
  });

  test("a file larger than 1 MiB is refused", async () => {
    const error = await complaint("config.yaml", `# ${"x".repeat(1024 * 1024)}\n`);
    expect(error).toMatchObject({ code: "CONFIG_UNREADABLE", message: expect.stringContaining("larger than 1 MiB") });
  });

  test("aliases that would grow to gigabytes are refused", async () => {
    const rows = ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map(
      (name, index, all) => `  - &${name} [${index === 0 ? "x" : `${`*${all[index - 1]}, `.repeat(9)}x`}]`,
    );
    const error = await complaint("config.yaml", `deny:\n${rows.join("\n")}\n`);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toMatch(/alias/i);
  });

  test("variables and flags are named too", async () => {
    const { load } = configBench();
    expect((await rejection(load({ env: { TRUST_LIMITS_STEPS: "many" } }))).message).toMatch(/^TRUST_LIMITS_STEPS: /);
    expect((await rejection(load({ flags: { mode: "yolo" } }))).message).toMatch(/^flag mode: /);
  });
});

test("a variable is text where text fits, and YAML where it does not", () => {
  expect(parseValue("model", "123")).toBe("123");
  expect(parseValue("limits.steps", "123")).toBe(123);
  expect(parseValue("offline", "true")).toBe(true);
  expect(parseValue("deny", "run_command(rm *)")).toEqual(["run_command(rm *)"]);
  expect(parseValue("deny", "[a, b]")).toEqual(["a", "b"]);
  for (const odd of ["*", "[open", "&a *a", "{a: b}", "!!js x", "%"]) expect(parseValue("deny", odd)).toEqual([odd]);
});

test("any text is settings or a mistake of the file, and never a crash", () => {
  const piece = fc.constantFrom("mode", "limits", "steps", "deny", ":", " ", "\n", "  ", "[", "]", "{", "}", "- ", ",");
  const odd = fc.constantFrom(
    "&a",
    "*a",
    "<<",
    "!!map",
    "? ",
    "|",
    ">",
    '"',
    "'",
    "#",
    "%",
    "---",
    "__proto__",
    "5",
    "ask",
  );
  const source = fc.array(fc.oneof(piece, odd), { maxLength: 30 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.oneof(source, fc.string()), (text) => {
      try {
        readSettings("config.yaml", text);
      } catch (error) {
        expect(error).toBeInstanceOf(TrustError);
      }
    }),
    { numRuns: 3000 },
  );
});
