import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { TrustError } from "@trust-cli/core/protocol";
import type { PluginHostEntry } from "@trust-cli/plugins/host";

declare const TRUST_PLUGIN_DIGESTS: Readonly<Record<string, string>> | undefined;

const here = dirname(fileURLToPath(import.meta.url));
const bundledHost = join(here, "plugin-host.js");

/** How to start the plugin host: the bundled one, or in a source tree the TypeScript itself, which reads more. */
export function pluginHostEntry(): PluginHostEntry {
  const { resolve } = createRequire(import.meta.url);
  const command = process.execPath;
  if (existsSync(bundledHost)) {
    const addon = dirname(resolve("isolated-vm/package.json"));
    const loader = dirname(createRequire(join(addon, "package.json")).resolve("node-gyp-build/package.json"));
    return { command, script: bundledHost, options: [], reads: [bundledHost, `${addon}/`, `${loader}/`] };
  }
  const plugins = dirname(resolve("@trust-cli/plugins/package.json"));
  const script = join(plugins, "src", "host", "main.ts");
  const options = ["--conditions=@trust-cli/source"];
  return { command, script, options, reads: [dirname(dirname(plugins))] };
}

/** The code of a plugin that comes with Trust. In the bundle it must be what the build put there. */
export async function builtInCode(name: string): Promise<string> {
  if (!existsSync(bundledHost)) {
    const plugins = dirname(createRequire(import.meta.url).resolve("@trust-cli/plugins/package.json"));
    return stripTypeScriptTypes(await readFile(join(plugins, "src", "builtin", name, "index.ts"), "utf8"));
  }
  const code = await readFile(join(here, "plugins", `${name}.js`), "utf8");
  const digest = createHash("sha256").update(code).digest("hex");
  if (typeof TRUST_PLUGIN_DIGESTS === "object" && TRUST_PLUGIN_DIGESTS[name] === digest) return code;
  throw new TrustError("REFUSED", `the built-in plugin ${name} is not the one that Trust was built with`, {
    hint: "install Trust again",
  });
}
