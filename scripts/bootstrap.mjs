// Makes a fresh clone usable: installs from the lockfile and builds what is stale, then runs a command.
// Plain JavaScript for Node 20 or newer, because it must run before anything is installed.
// Usage: node scripts/bootstrap.mjs start|test|ready|build|check|bench|e2e|interop|interop-setup|package-vscode|prepare [ARG…]
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const windows = process.platform === "win32";
const bin = (name) => join(root, "node_modules", ".bin", windows ? `${name}.cmd` : name);
const node = windows ? join(root, "node_modules", "node", "bin", "node.exe") : bin("node");
const installStamp = join(root, "node_modules", ".trust-install");
const bundle = join(root, "packages", "cli", "dist", "bundle");
const buildStamp = join(root, "packages", "cli", "dist", ".build");
const lockFolder = join(root, ".bootstrap-lock");
const longestInstall = 30 * 60_000;

const source = "--conditions=@trust-cli/source";
const commands = {
  start: async (args) => run(node, [join(root, "packages/cli/bin/trust.js"), ...args], { cwd: callerFolder() }),
  test: async (args) => run(bin("vitest"), ["run", ...args]),
  /** Installed and built, if they were not: what every command begins with. */
  ready: async () => 0,
  build: async () => build(),
  check: async () =>
    firstFailure([
      ["oxfmt", "--check"],
      ["tsc", "-b"],
      ["oxlint", "--type-aware"],
      ["knip", "--strict"],
    ]),
  bench: async (args) => run(node, [source, join(root, "scripts/bench/main.ts"), ...args]),
  e2e: async (args) => run(bin("vitest"), ["run", "--config", "vitest.e2e.config.ts", ...args]),
  interop: async (args) => run(bin("vitest"), ["run", "--config", "vitest.interop.config.ts", ...args]),
  "package-vscode": async () => run(node, [join(root, "packages/vscode/build.ts"), "package"]),
  "interop-setup": async (args) => run(node, [join(root, "scripts/interop/setup.ts"), ...args]),
};

async function main() {
  const [name, ...args] = process.argv.slice(2);
  if (name === "prepare") return prepare();
  const command = commands[name];
  if (command === undefined) throw new Error(`unknown command ${name}; one of ${Object.keys(commands).join(", ")}`);
  if (!isCurrent()) await underLock(makeCurrent);
  return command(args);
}

const isCurrent = () => isInstalled() && isBuilt();

/** npm runs this after every install: what it installed is now complete. Under `install` that says so itself. */
async function prepare() {
  if (process.env.TRUST_INSTALLING) return 0;
  writeFileSync(installStamp, installKey());
  return isBuilt() ? 0 : build();
}

async function makeCurrent() {
  if (!isInstalled()) await install();
  if (!isBuilt() && (await build()) !== 0) throw new Error("The build failed. Run: npm run build");
}

function isInstalled() {
  return readOr(installStamp) === installKey() && existsSync(node);
}

/** The lockfile's content and the platform: what an installation depends on. */
function installKey() {
  const lockfile = readFileSync(join(root, "package-lock.json"));
  return `${createHash("sha256").update(lockfile).digest("hex")} ${process.platform} ${process.arch}\n`;
}

async function install() {
  process.stderr.write("Installing the packages of package-lock.json (once, about half a minute)\n");
  rmSync(installStamp, { force: true });
  const npm = process.env.npm_execpath;
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const options = { stdio: ["ignore", 2, 2], env: { ...process.env, TRUST_INSTALLING: "1" } };
  const status = npm
    ? await run(process.execPath, [npm, ...args], options)
    : await run(windows ? "npm.cmd" : "npm", args, options);
  if (status !== 0 || !existsSync(node)) {
    throw new Error(
      "The packages could not be installed; npm's reasons are above. The first start needs the npm registry.\nWhen it can be reached: npm start",
    );
  }
  writeFileSync(installStamp, installKey());
}

function isBuilt() {
  return (
    ["trust.js", "host.js", "plugin-host.js"].every((name) => existsSync(join(bundle, name))) &&
    readOr(buildStamp) === buildKey()
  );
}

/** Names, sizes and times of every source file: cheap to read, and changes when any of them does. */
function buildKey() {
  const hash = createHash("sha256");
  for (const file of ["package-lock.json", "scripts/build.ts", "packages/cli/package.json"])
    note(hash, join(root, file));
  for (const name of readdirSync(join(root, "packages"))) walk(hash, join(root, "packages", name, "src"));
  return `${hash.digest("hex")}\n`;
}

function walk(hash, folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(hash, path);
    else note(hash, path);
  }
}

function note(hash, path) {
  const { size, mtimeMs } = statSync(path);
  hash.update(`${path} ${size} ${mtimeMs}\n`);
}

async function build() {
  const key = buildKey();
  const status = await run(node, [join(root, "scripts/build.ts")], { stdio: ["ignore", 2, 2] });
  if (status === 0) writeFileSync(buildStamp, key);
  return status;
}

/** One installation or build at a time in this folder; a lock left by a dead process is taken over. */
async function underLock(work) {
  const began = Date.now();
  for (let told = false; !takeLock();) {
    if (!told && Date.now() - began > 2000) {
      told = true;
      const holder = readOr(join(lockFolder, "pid"));
      process.stderr.write(
        `Waiting for process ${holder}, which installs or builds here. If there is none: remove ${lockFolder}\n`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    if (!isCurrent()) await work();
  } finally {
    rmSync(lockFolder, { recursive: true, force: true });
  }
}

function takeLock() {
  try {
    mkdirSync(lockFolder);
    writeFileSync(join(lockFolder, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") {
      throw new Error(
        `This clone must be installed or built first, but it cannot be written (${error.code}).\nCopy it to a folder that can, and run: npm start`,
      );
    }
  }
  const holder = readOr(join(lockFolder, "pid"));
  const age = Date.now() - (statSync(lockFolder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  const abandoned = holder === "" ? age > 5000 : !isAlive(Number(holder)) || age > longestInstall;
  if (abandoned) removeAbandoned(holder);
  return false;
}

/** Moves the lock away in one step, and puts it back if someone else took it over in between. */
function removeAbandoned(holder) {
  const aside = `${lockFolder}-${process.pid}`;
  try {
    renameSync(lockFolder, aside);
  } catch {
    return;
  }
  if (readOr(join(aside, "pid")) === holder) rmSync(aside, { recursive: true, force: true });
  else renameSync(aside, lockFolder);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function readOr(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** The folder the person called from: npm runs scripts in the package's folder. */
function callerFolder() {
  const folder = process.env.INIT_CWD;
  return folder && existsSync(folder) ? folder : process.cwd();
}

async function firstFailure(steps) {
  for (const [name, ...args] of steps) {
    const status = await run(bin(name), args, { cwd: root });
    if (status !== 0) return status;
  }
  return 0;
}

/** Runs a child with our terminal; signals reach it too, and its end becomes our exit status. */
function run(program, args, options = {}) {
  const path = `${join(root, "node_modules", ".bin")}${windows ? ";" : ":"}${process.env.PATH}`;
  const child = spawn(program, args, {
    stdio: "inherit",
    cwd: root,
    shell: windows && program.endsWith(".cmd"),
    ...options,
    env: { ...process.env, ...options.env, PATH: path },
  });
  const forward = (signal) => child.kill(signal);
  const ignore = () => {};
  process.on("SIGINT", ignore);
  process.on("SIGTERM", forward);
  process.on("SIGHUP", forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", forward);
      process.off("SIGHUP", forward);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
