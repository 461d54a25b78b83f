import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { checkKitfile } from "../../src/modelkit/kitfile/check.ts";
import { configJson, kitfileYaml, parseConfigJson } from "../../src/modelkit/kitfile/config-json.ts";
import { goJson } from "../../src/modelkit/kitfile/go-json.ts";
import { parseKitfile } from "../../src/modelkit/kitfile/parse.ts";
import { parseUnknownJson } from "../../src/protocol/json.ts";

const parse = (text: string) => parseKitfile(text, "Kitfile");

describe("a Kitfile", () => {
  test("keeps the text of the file where a number or a date would be", () => {
    const { package: about } = parse("package: {name: 007, version: 1.10, description: 2024-01-01, license: true}\n");
    expect(about).toEqual({ name: "007", version: "1.10", description: "2024-01-01", license: "true" });
  });

  test("keeps whole numbers exact in parameters, also through JSON and back", () => {
    const kitfile = parse("model: {path: m, parameters: {seed: 18446744073709551615, list: [1, 2.50, 1e3]}}\n");
    const json = configJson(kitfile);
    expect(json).toContain('"parameters":{"list":[1,2.5,1000],"seed":18446744073709551615}');
    expect(configJson(parseConfigJson(json, "config"))).toBe(json);
    expect(kitfileYaml(parseConfigJson(json, "config"))).toContain("seed: 18446744073709551615");
  });

  test.each([
    ["package:\n  name: x\n  nmae: y\n", 'Kitfile:3: unknown key "nmae" in package; the keys are name, version'],
    ["package: {name: x}\nmodel: {path: a}\npackage: {name: y}\n", "Kitfile:3: Map keys must be unique"],
    ["model:\n  - path: a\n", "Kitfile:2: model must be a map"],
    ["code: {path: a}\n", "Kitfile:1: code must be a list"],
    ["code:\n  - path: [a]\n", "Kitfile:2: path must be text"],
    ["code:\n  -\n", "an entry of code is empty"],
    ["model: {path: a, parameters: {x: .nan}}\n", "Kitfile:1: parameters: it holds a number that JSON cannot write"],
    ["- a\n", "Kitfile:1: a Kitfile is a map"],
    ["", "Kitfile:1: a Kitfile is a map"],
    ["package: {name: x\n", "Kitfile:2:"],
    ["model: {path: a}\n---\nmodel: {path: b}\n", "multiple documents"],
    ["model: {constructor: a}\n", 'unknown key "constructor" in model'],
  ])("with a mistake is refused with its line: %j", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  test.each([
    ["model: {path: /etc/passwd}", "is absolute"],
    ["model: {path: 'C:/x'}", "is absolute"],
    ["code: [{path: ../x}]", "leaves the folder"],
    ["code: [{path: a/../../x}]", "leaves the folder"],
    ["code: [{path: 'a\\b'}]", "must be written with /"],
    ["code: [{path: src}, {path: ./src/}]", 'have the same path "src"'],
    ["code: [{}]\ndocs: [{path: ''}]", 'have the same path "."'],
    ["model: {path: m, parts: [{path: p, type: 'a b'}]}", "part type"],
    ["datasets: [{remotePath: 'https://example.com/x'}]", "must not be a web address"],
    ["datasets: [{remotePath: 's3://bucket/x'}]", "needs a remoteHash"],
    ["datasets: [{remotePath: somewhere}]", "neither s3:// nor the name of a kit"],
    ["mcpServers: [{path: a.mcpb}]", "needs a name"],
    ["mcpServers: [{name: a, path: a.zip}]", "one .mcpb file"],
    ["mcpServers: [{name: a, path: a.mcpb}, {name: a, path: b.mcpb}]", "two entries"],
  ])("that breaks a rule is refused: %s", (text, message) => {
    expect(() => checkKitfile(parse(text), "Kitfile")).toThrow(message);
  });

  test("may share the path of a prompt, and name other kits and remote data", () => {
    const text =
      "manifestVersion: 1.0.0\ncode: [{path: p}]\nprompts: [{path: p}]\nmodel: {path: 'team/base:1'}\ndatasets: [{remotePath: 's3://b/x', remoteHash: abc}]";
    expect(checkKitfile(parse(text), "Kitfile")).toEqual([]);
  });

  test("of another version is packed with a warning", () => {
    expect(checkKitfile(parse("manifestVersion: 2.0.0"), "Kitfile")).toHaveLength(1);
  });

  test("of any texts comes back from YAML and from JSON as it was", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).filter((one) => one.isWellFormed());
    // Through JSON, which has no -0.
    const anyJson = fc.json().map((json) => parseUnknownJson(json, "json"));
    const shape = fc.record(
      { name: text, version: text, description: text, license: text, authors: fc.array(text, { minLength: 1 }) },
      { requiredKeys: ["name"] },
    );
    fc.assert(
      fc.property(shape, anyJson, (about, parameters) => {
        const kitfile = { manifestVersion: "1.0.0", package: about, model: { path: "m.gguf", parameters } };
        const json = configJson(kitfile);
        expect(configJson(parseConfigJson(json, "config"))).toBe(json);
        if (parameters !== null) expect(configJson(parse(kitfileYaml(kitfile)))).toBe(json);
      }),
    );
  });
});

describe("a config blob", () => {
  test.each([
    '{"package": &a {}, "model": {"parameters": *a}}',
    "package: {}",
    "{'package': {}}",
    `${"[".repeat(200_000)}${"]".repeat(200_000)}`,
    "{",
  ])("that is not JSON is damage: %#", (text) => {
    expect(() => parseConfigJson(text, "config")).toThrow("config is not valid JSON");
  });

  test("keeps the numbers of parameters as they are", () => {
    const json = '{"manifestVersion":"1.0.0","package":{},"model":{"parameters":[18446744073709551615,-3,2.5,1e3,0]}}';
    expect(configJson(parseConfigJson(json, "config"))).toBe(json.replace("1e3", "1000"));
  });

  test("may be large", () => {
    const parameters = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, [index, "x"]]));
    const json = configJson({ manifestVersion: "1.0.0", package: {}, model: { parameters } });
    expect(configJson(parseConfigJson(json, "config"))).toBe(json);
  });
});

describe("Go's JSON", () => {
  test.each<[unknown, string]>([
    ["a<b>&c\u2028é😀", '"a\\u003cb\\u003e\\u0026c\\u2028é😀"'],
    ['\u0000\b\f\n\r\t"\\\u007f', '"\\u0000\\b\\f\\n\\r\\t\\"\\\\\u007f"'],
    ["\ud800", '"\ufffd"'],
    [
      { z: 1200, a: 1e21, b: 1e-7, d: 0.1, e: 1.5e300, c: -0 },
      '{"a":1e+21,"b":1e-7,"c":-0,"d":0.1,"e":1.5e+300,"z":1200}',
    ],
    [{ "\uffff": 1, "\ud800\udc00": 2 }, '{"\uffff":1,"\ud800\udc00":2}'],
    [[null, true, 9007199254740993n], "[null,true,9007199254740993]"],
  ])("of value %# has Go's escapes, order of keys and numbers", (value, json) => {
    expect(goJson(value)).toBe(json);
  });
});
