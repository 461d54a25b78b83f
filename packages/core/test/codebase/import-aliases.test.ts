import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { readAliases } from "../../src/codebase/import-aliases.ts";
import { listFiles } from "../../src/codebase/index.ts";
import { PathFinder } from "../../src/codebase/resolve-import.ts";
import { createTagReader } from "../../src/syntax/index.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";
import { indexOf } from "./index-of.ts";

const config = (options: object): string => JSON.stringify({ compilerOptions: options });

async function finderOf(files: Record<string, string>): Promise<(from: string, importer: string) => readonly string[]> {
  await using workspace = await temporaryWorkspace(files);
  const paths = await listFiles(workspace.path);
  const finder = new PathFinder(paths, readAliases(workspace.path, paths));
  return (from, importer) => finder.find(from, importer);
}

test("an import by an alias means the file that the configuration of TypeScript says", async () => {
  const find = await finderOf({
    "tsconfig.json": `{ // for editors
      "compilerOptions": { "paths": { "@/*": ["./missing/*", "./web/*"], "@/ui/*": ["./design//*"], "~config": ["./settings.ts"], }, },
    }`,
    "web/cart.ts": "",
    "web/ui/button.ts": "",
    "design/button.tsx": "",
    "settings.ts": "",
    "web/page.ts": "",
  });
  expect(find("@/cart", "web/page.ts")).toEqual(["web/cart.ts"]);
  expect(find("@/ui/button.js", "web/page.ts")).toEqual(["design/button.tsx"]);
  expect(find("~config", "web/page.ts")).toEqual(["settings.ts"]);
  expect(find("@/nothing", "web/page.ts")).toEqual([]);
});

test("the nearest configuration counts, with what it extends, and a base folder", async () => {
  const find = await finderOf({
    "base.json": config({ baseUrl: "shared" }),
    "one/tsconfig.json": JSON.stringify({ extends: "../base", references: [] }),
    "two/tsconfig.app.json": config({ baseUrl: ".", paths: { "#lib/*": ["lib/*"] } }),
    "loop/tsconfig.json": JSON.stringify({ extends: "./tsconfig.json" }),
    "out/tsconfig.json": JSON.stringify({ extends: "../../../../etc/passwd" }),
    "bad/tsconfig.json": "{ compilerOptions",
    "shared/money.ts": "",
    "two/lib/money.ts": "",
  });
  expect(find("money", "one/src/deep/a.ts")).toEqual(["shared/money.ts"]);
  expect(find("#lib/money", "two/a.ts")).toEqual(["two/lib/money.ts"]);
  expect(find("lib/money", "two/sub/a.ts")).toEqual(["two/lib/money.ts"]);
  for (const folder of ["loop", "out", "bad", "one.py"]) expect(find("money", `${folder}/a.ts`)).toEqual([]);
});

test("references through an alias are those of an import, also when the alias comes later", async () => {
  await using workspace = await temporaryWorkspace({
    "tsconfig.json": "{}",
    "web/cart.ts": "export function addToCart(): void {}\n",
    "other/cart.ts": "export function addToCart(): void {}\n",
    "pages/shop.ts": 'import { addToCart } from "@/cart";\naddToCart();\n',
  });
  await using reader = createTagReader({ threads: 1 });
  using opened = await indexOf(workspace.path, reader);
  const by = async (): Promise<string | undefined> => {
    await opened.index.sync();
    return opened.index.references("addToCart").find(({ path }) => path === "pages/shop.ts")?.by;
  };
  expect(await by()).toBe("name");
  writeFileSync(join(workspace.path, "tsconfig.json"), config({ paths: { "@/*": ["./web/*"] } }));
  expect(await by()).toBe("import");
});
