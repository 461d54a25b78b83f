import { afterEach, describe, expect, test } from "vitest";

import { createFormatCache, openChatTemplate, TemplateEngine } from "../../../src/models/templates/index.ts";
import { temporaryWorkspace } from "../../../src/testing/index.ts";
import { templateWorker } from "../llama/llama-bench.ts";

const engines: TemplateEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine[Symbol.asyncDispose]();
});

function engineWith(seconds = 5): TemplateEngine {
  const engine = new TemplateEngine({ entry: templateWorker, seconds });
  engines.push(engine);
  return engine;
}

const never = (): AbortSignal => new AbortController().signal;
const context = (template: string) => ({ template, specialTokens: [], bosToken: "", eosToken: "" });

describe("a chat template", () => {
  test("runs in a thread, once for each of some values", async () => {
    const texts = await engineWith().render("Hi {{ name }}", [{ name: "Ana" }, { name: "Bo" }], never());
    expect(texts).toEqual([{ text: "Hi Ana" }, { text: "Hi Bo" }]);
  });

  test("that refuses a conversation is told apart from one that our engine cannot run", async () => {
    const [refused] = await engineWith().render("{{ raise_exception('no') }}", [{}], never());
    const [failed] = await engineWith().render("{{ {} | unknown_filter }}", [{}], never());
    expect(refused).toMatchObject({ refused: true, failure: expect.stringContaining("no") as string });
    expect(failed).toMatchObject({ refused: false });
  });

  test.each([
    [
      "without an end",
      "{% for a in range(100000) %}{% for b in range(100000) %}{% set c = a * b %}{% endfor %}{% endfor %}",
    ],
    [
      "that fills the memory",
      "{% set ns = namespace(t='xxxxxxxx') %}{% for i in range(60) %}{% set ns.t = ns.t + ns.t %}{% endfor %}{{ ns.t }}",
    ],
  ])("%s is ended, and the next one runs", async (_what, template) => {
    const engine = engineWith(1);
    const outcome = await engine.render(template, [{}], never()).then(
      ([text]) => text,
      (error: unknown) => error,
    );
    expect(JSON.stringify(outcome)).not.toContain('"text"');
    expect(await engine.render("ok", [{}], never())).toEqual([{ text: "ok" }]);
  });

  test.each([
    "process.env",
    "[].constructor.constructor('return process')()",
    "self.__init__.__globals__",
    "range.constructor",
  ])("reaches nothing through %s", async (expression) => {
    const [outcome] = await engineWith().render(`{{ ${expression} }}`, [{}], never());
    expect(JSON.stringify(outcome)).not.toMatch(/PATH|node:|\[object process\]|native code/);
  });

  test("that writes without measure is refused", async () => {
    const template =
      "{% set ns = namespace(t='xxxxxxxx') %}{% for i in range(22) %}{% set ns.t = ns.t + ns.t %}{% endfor %}{{ ns.t }}";
    expect(await engineWith().render(template, [{}], never())).toMatchObject([{ refused: true }]);
  });

  test("larger than a megabyte is not run", async () => {
    await expect(engineWith().render("x".repeat(2 ** 20 + 1), [{}], never())).rejects.toThrow(/larger than 1 MB/);
  });

  test("ends with its caller's abort", async () => {
    const controller = new AbortController();
    const rendering = engineWith(30).render(
      "{% for a in range(100000) %}{% for b in range(100000) %}{% set c = a %}{% endfor %}{% endfor %}",
      [{}],
      controller.signal,
    );
    controller.abort();
    await expect(rendering).rejects.toThrow(/abort/i);
  });
});

describe("what is known of a template", () => {
  test("is kept by its digest, and told anew when the file is damaged", async () => {
    await using folder = await temporaryWorkspace();
    const cache = createFormatCache(folder.path);
    const template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}";
    const opened = await openChatTemplate(context(template), { engine: engineWith(), cache }, never());
    expect(opened.format.origin).toBe("generic");
    expect(cache.read(template)).toEqual(opened.format);
    expect(cache.read(`${template} `)).toBeUndefined();
    const { readdir, writeFile } = await import("node:fs/promises");
    for (const name of await readdir(folder.path)) await writeFile(`${folder.path}/${name}`, "{");
    expect(cache.read(template)).toBeUndefined();
  });

  test("needs the template to write at least a plain conversation", async () => {
    const opening = openChatTemplate(context("{% if %}"), { engine: engineWith() }, never());
    await expect(opening).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });
});
