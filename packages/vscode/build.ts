/**
 * Bundles the extension: `dist/extension.cjs` and `dist/webview.{js,css}`.
 * `node packages/vscode/build.ts package` also packs `dist/trust.vsix`, with a vsce that is installed beside the repository at the first use.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { build, type BuildOptions } from "esbuild";

import { setUpVsce } from "../../scripts/interop/vsce.ts";

const folder = import.meta.dirname;

const common: BuildOptions = {
  absWorkingDir: folder,
  outdir: "dist",
  bundle: true,
  minify: true,
  legalComments: "none",
  logLevel: "warning",
};

/** @internal exported for the test of what the activation loads */
export const extensionOptions: BuildOptions = {
  ...common,
  entryPoints: ["src/extension.ts"],
  format: "cjs",
  platform: "node",
  // The Node of the oldest VS Code in `engines`.
  target: "node22",
  external: ["vscode"],
  outExtension: { ".js": ".cjs" },
};

const webviewOptions: BuildOptions = {
  ...common,
  entryPoints: [
    { in: "webview/main.tsx", out: "webview" },
    { in: "webview/chat.css", out: "webview" },
  ],
  format: "iife",
  platform: "browser",
  target: "chrome138",
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { "process.env.NODE_ENV": '"production"' },
};

export async function buildExtension(): Promise<void> {
  const bundles = [extensionOptions, webviewOptions].map((options) => build({ ...options, metafile: true }));
  const built = await Promise.all(bundles);
  writeNotices(new Set(built.flatMap(({ metafile }) => Object.keys(metafile.inputs).flatMap(packageFolder))));
}

/** The folder of the package that a bundled file comes from; none for our own files. */
const packageFolder = (file: string): string[] => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.slice(0, 1) ?? [];

/** The licences of what is bundled ask to go with it. */
function writeNotices(packages: ReadonlySet<string>): void {
  const notices = [...packages].toSorted().map((name) => {
    const place = join(folder, name);
    const licence = readdirSync(place).find((file) => /^licen[cs]e/i.test(file));
    if (licence === undefined) throw new Error(`${name} has no licence file`);
    return `${name.replace(/^.*node_modules\//, "")}\n\n${readFileSync(join(place, licence), "utf8").trim()}\n`;
  });
  writeFileSync(join(folder, "dist", "THIRD-PARTY-NOTICES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
}

/** Packs what was built; the same file is for every platform. */
export async function packExtension(file: string): Promise<void> {
  const vsce = await setUpVsce();
  const args = [vsce, "package", "--no-dependencies", "--skip-license", "--allow-missing-repository", "--out", file];
  const packed = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (packed.status !== 0) throw new Error(`vsce could not pack the extension: ${packed.stdout}${packed.stderr}`);
}

if (import.meta.main) {
  await buildExtension();
  if (process.argv[2] === "package") await packExtension(join(folder, "dist", "trust.vsix"));
}
