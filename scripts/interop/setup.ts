/**
 * npm run interop:setup: installs the real programs that Trust is tested against, each once, and says what is missing.
 * Debian packages are installed only where this runs as root with apt-get, as CI machines do.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

interface Component {
  name: string;
  setUp: () => void;
}

const script = (name: string): void => {
  const { status } = spawnSync(
    process.execPath,
    ["--conditions=@trust-cli/source", join(import.meta.dirname, `${name}.ts`)],
    {
      stdio: ["ignore", 2, 2],
    },
  );
  if (status !== 0) throw new Error(`its script ended with status ${status}`);
};

const onPath = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));

/** Debian packages, each with something that tells whether it is there. */
const packages: readonly [name: string, isThere: () => boolean][] = [
  ["docker-registry", () => onPath("docker-registry")],
  ["skopeo", () => onPath("skopeo")],
  ["chromium", () => onPath("chromium")],
  ["fonts-dejavu-core", () => existsSync("/usr/share/fonts/truetype/dejavu")],
  ["nlohmann-json3-dev", () => existsSync("/usr/include/nlohmann/json.hpp")],
  ["libstb-dev", () => existsSync("/usr/include/stb/stb_image.h")],
];

function setUpPackages(): void {
  const missing = packages.filter(([, isThere]) => !isThere()).map(([name]) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !onPath("apt-get")) {
    throw new Error(`install by hand: apt-get install --no-install-recommends ${missing.join(" ")}`);
  }
  const options = { stdio: ["ignore", 2, 2] as const, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  spawnSync("apt-get", ["update", "-qq"], { ...options, stdio: ["ignore", 2, 2] });
  const args = ["install", "-y", "-qq", "--no-install-recommends", ...missing];
  const { status } = spawnSync("apt-get", args, { ...options, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error(`apt-get install ${missing.join(" ")} ended with status ${status}`);
}

const components: readonly Component[] = [
  { name: "packages", setUp: setUpPackages },
  { name: "source-packages", setUp: () => script("source-packages") },
  { name: "acpx", setUp: () => script("acpx") },
  { name: "vscode", setUp: () => script("vscode") },
  { name: "ollama", setUp: () => script("ollama") },
  { name: "llama-server", setUp: () => script("llama-server") },
];

const wanted = process.argv.slice(2);
let failures = 0;
for (const { name, setUp } of components) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  try {
    setUp();
    process.stderr.write(`✓ ${name}\n`);
  } catch (error) {
    failures++;
    process.stderr.write(`✗ ${name}: ${(error as Error).message}\n`);
  }
}
process.exitCode = failures === 0 ? 0 : 3;
