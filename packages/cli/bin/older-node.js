// Trust needs Node 24. Started by an older one, it looks for the Node that npm installed beside it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const found = findNode(here);
if (found === undefined) {
  process.stderr.write(
    `Trust needs Node 24 or newer; this is Node ${process.versions.node}.\nInstall it, or in a clone of Trust run: npm start\n`,
  );
  process.exitCode = 3;
} else {
  const result = spawnSync(found, [join(here, "trust.js"), ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = result.status ?? 1;
}

function findNode(folder) {
  const candidate = join(folder, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(candidate)) return candidate;
  const parent = dirname(folder);
  return parent === folder ? undefined : findNode(parent);
}
