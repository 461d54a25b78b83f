import { join } from "node:path";

import { cacheFolder, installPackages } from "./cache.ts";

/** Started with Node: packs an extension for VS Code. Installed at the first use. */
export async function setUpVsce(): Promise<string> {
  const folder = cacheFolder("vsce");
  await installPackages(folder, { "@vscode/vsce": "3.9.2" });
  return join(folder, "node_modules", "@vscode", "vsce", "vsce");
}
