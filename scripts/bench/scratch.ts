import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const trustProgram = join(import.meta.dirname, "..", "..", "packages", "cli", "bin", "trust.js");

/** An empty home and a small workspace, removed at the end. */
export function scratchHome(): Disposable & { env: Record<string, string>; folder: string } {
  const root = mkdtempSync(join(tmpdir(), "trust-bench-"));
  const folder = join(root, "shop");
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{\n  "name": "shop",\n  "version": "2.4.1"\n}\n');
  writeFileSync(join(folder, "README.md"), "# Shop\n");
  writeFileSync(join(folder, "src", "index.ts"), "export const answer = 42;\n");
  return {
    env: { HOME: root, TRUST_HOME: join(root, "trust"), TRUST_HOST_SHARED: "false" },
    folder,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
