import type { FileTags } from "../../src/protocol/code.ts";

/** Reads `.x` files: lines `function NAME`, `import PATH`, and calls `NAME()` anywhere. */
export const smallReader = {
  async read(path: string, text: string): Promise<FileTags | undefined> {
    if (!path.endsWith(".x")) return undefined;
    const tags: FileTags = {
      language: "x",
      definitions: [],
      references: [],
      imports: [],
      errors: [],
      isPartial: false,
    };
    const uses = new Map<string, number[]>();
    for (const [index, signature] of text.split("\n").entries()) {
      const line = index + 1;
      const [, keyword, name = ""] = /^(function|import) (\S+)/.exec(signature) ?? [];
      if (keyword === "import") tags.imports.push({ from: name, line, names: [] });
      if (keyword === "function") {
        tags.definitions.push({ name, kind: "function", line, endLine: line, signature, exported: true });
      }
      for (const [, used = ""] of signature.matchAll(/([\p{L}_$]+)\(\)/gu)) {
        uses.set(used, [...(uses.get(used) ?? []), line]);
      }
    }
    tags.references = [...uses].map(([used, lines]) => ({ name: used, lines }));
    return tags;
  },
};
