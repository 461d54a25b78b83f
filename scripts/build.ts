/**
 * Bundles the command line: one entry for `trust`, one for the model host, one for the
 * plugin host, one for the thread that runs chat templates, one for those that parse code; what is loaded
 * later becomes chunks. Native packages, ripgrep and grammars stay outside and are found in node_modules.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const cli = join(root, "packages", "cli");
const output = join(cli, "dist", "bundle");
/** Built beside and swapped in, so that a running program never finds half a bundle. */
const staging = `${output}.new`;
const { version } = JSON.parse(readFileSync(join(cli, "package.json"), "utf8")) as { version: string };

rmSync(staging, { recursive: true, force: true });
const pluginDigests = await buildPlugins();
await build({
  entryPoints: {
    trust: join(cli, "src/main.ts"),
    host: join(root, "packages/core/src/models/llama/host/main.ts"),
    "template-worker": join(root, "packages/core/src/models/templates/worker.ts"),
    "tag-worker": join(root, "packages/core/src/syntax/worker.ts"),
  },
  outdir: staging,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  minify: true,
  keepNames: true,
  legalComments: "none",
  conditions: ["@trust-cli/source"],
  jsx: "automatic",
  external: [
    "node-llama-cpp",
    "better-sqlite3",
    "sqlite-vec",
    "@vscode/ripgrep",
    "@vscode/tree-sitter-wasm",
    "isolated-vm",
  ],
  // Ink loads its developer tools only on demand; they are not installed.
  alias: { "react-devtools-core": join(root, "scripts/empty-module.ts") },
  define: {
    "process.env.NODE_ENV": '"production"',
    TRUST_VERSION: JSON.stringify(version),
    TRUST_PLUGIN_DIGESTS: JSON.stringify(pluginDigests),
  },
  banner: {
    js: 'import { createRequire as trustCreateRequire } from "node:module"; const require = trustCreateRequire(import.meta.url);',
  },
  logLevel: "warning",
});
const old = `${output}.old`;
rmSync(old, { recursive: true, force: true });
if (existsSync(output)) renameSync(output, old);
renameSync(staging, output);
rmSync(old, { recursive: true, force: true });

/** The plugin host is one file, because it may read no other; the built-in plugins are one each, by name. */
async function buildPlugins(): Promise<Record<string, string>> {
  const source = join(root, "packages", "plugins", "src");
  const shared = { bundle: true, format: "esm", target: "node24", legalComments: "none", logLevel: "warning" } as const;
  await build({
    ...shared,
    entryPoints: { "plugin-host": join(source, "host", "main.ts") },
    outdir: staging,
    platform: "node",
    minify: true,
    conditions: ["@trust-cli/source"],
    external: ["isolated-vm"],
  });
  const names = readdirSync(join(source, "builtin"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const digests: Record<string, string> = {};
  for (const { name } of names) {
    const outfile = join(staging, "plugins", `${name}.js`);
    const external = ["@trust-cli/plugins/sdk"];
    await build({ ...shared, entryPoints: [join(source, "builtin", name, "index.ts")], outfile, external });
    digests[name] = createHash("sha256").update(readFileSync(outfile)).digest("hex");
  }
  return digests;
}
