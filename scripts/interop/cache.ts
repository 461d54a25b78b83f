import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where programs of others are kept for the tests; TRUST_INTEROP_CACHE moves it. */
export const cacheFolder = (name: string): string =>
  join(process.env["TRUST_INTEROP_CACHE"] ?? join(homedir(), ".cache", "trust-interop"), name);

type Packages = Readonly<Record<string, string>>;

const stampFile = (folder: string): string => join(folder, ".trust-complete");
const stampText = (packages: Packages): string => `${JSON.stringify(packages)} ${process.platform} ${process.arch}\n`;

export const hasPackages = (folder: string, packages: Packages): boolean =>
  existsSync(stampFile(folder)) && readFileSync(stampFile(folder), "utf8") === stampText(packages);

/** Installs npm packages of these very versions, once; `more` belongs to a complete installation. */
export async function installPackages(
  folder: string,
  packages: Packages,
  more: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  if (hasPackages(folder, packages)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ private: true, dependencies: packages })}\n`);
  await npmInstall(folder);
  await more();
  writeFileSync(stampFile(folder), stampText(packages));
}

/** Runs no script of a package. */
export function npmInstall(folder: string, ...options: string[]): Promise<void> {
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...options];
  return new Promise((resolve, reject) => {
    const child = spawn("npm", args, { cwd: folder, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
    child.once("error", reject);
    child.once("exit", (status) => {
      if (status === 0) resolve();
      else reject(new Error(`npm install in ${folder} ended with status ${status}; its reasons are above`));
    });
  });
}
