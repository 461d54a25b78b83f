/**
 * Builds llama.cpp's own server for the interoperability tests: `node scripts/interop/llama-server.ts`. The source is
 * the bundle inside node-llama-cpp, so nothing is downloaded and the version is the one that Trust runs. The binary
 * goes to `${TRUST_INTEROP_CACHE:-$HOME/.cache/trust-interop}/llama-server/bin/llama-server`; a stamp makes a second
 * run free. CPU only; about half an hour on two cores.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

import { cacheFolder } from "./cache.ts";

const core = createRequire(join(import.meta.dirname, "..", "..", "packages", "core", "package.json"));
const bundle = join(dirname(core.resolve("node-llama-cpp")), "..", "llama", "gitRelease.bundle");
const folder = cacheFolder("llama-server");
const stamp = join(folder, "stamp");
const source = join(folder, "source");
const build = join(folder, "build");
const binary = join(build, "bin", "llama-server");

const options = [
  "-DCMAKE_BUILD_TYPE=Release",
  "-DBUILD_SHARED_LIBS=OFF",
  "-DLLAMA_CURL=OFF",
  "-DLLAMA_OPENSSL=OFF",
  "-DLLAMA_BUILD_TESTS=OFF",
  "-DLLAMA_BUILD_EXAMPLES=OFF",
  "-DLLAMA_BUILD_WEBUI=OFF",
];

function setUp(): void {
  const digest = createHash("sha256").update(readFileSync(bundle)).digest("hex");
  const wanted = `${digest} ${options.join(" ")}\n`;
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    process.stdout.write(`${binary} is already built\n`);
    return;
  }
  mkdirSync(folder, { recursive: true });
  rmSync(stamp, { force: true });
  rmSync(source, { recursive: true, force: true });
  run("git", ["clone", "--quiet", "--depth", "1", bundle, source]);
  run("cmake", ["-S", source, "-B", build, ...options]);
  process.stdout.write("building llama-server, about half an hour the first time\n");
  run("cmake", ["--build", build, "--target", "llama-server", "-j", String(availableParallelism())]);
  writeFileSync(stamp, wanted);
  process.stdout.write(`${binary}\n`);
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ["ignore", 2, 2] });
  if (error !== undefined) fail(`${program} could not be started: ${error.message}`);
  if (status !== 0) fail(`${program} ${args[0]} ended with status ${status}`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

setUp();
