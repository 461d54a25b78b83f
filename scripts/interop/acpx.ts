/**
 * Sets up acpx, an editor for the terminal that speaks the Agent Client Protocol and knows nothing of Trust.
 * Usage: node scripts/interop/acpx.ts
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const version = "0.19.1";
const folder = join(process.env["TRUST_INTEROP_CACHE"] ?? join(homedir(), ".cache", "trust-interop"), "acpx");
const stamp = join(folder, ".trust-complete");

const isThere = (): boolean => existsSync(stamp) && readFileSync(stamp, "utf8") === version;

if (!isThere()) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"private":true}\n');
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", `acpx@${version}`];
  const { status } = spawnSync("npm", args, {
    cwd: folder,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`npm install ended with status ${status}; its reasons are above`);
  writeFileSync(stamp, version);
}
