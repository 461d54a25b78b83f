/**
 * Builds the real Ollama for the interoperability tests: `node scripts/interop/ollama.ts`. The binary goes to
 * `${TRUST_INTEROP_CACHE:-$HOME/.cache/trust-interop}/ollama/ollama`; a stamp makes a second run free.
 *
 * Go module archives leave out every folder named `vendor`, where llama.cpp keeps three C++ headers. Debian has two
 * of them (nlohmann-json3-dev, libstb-dev). The third is wanted for sound only, so a stand-in that always fails will do.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cacheFolder } from "./cache.ts";

const version = "0.17.4";
const folder = cacheFolder("ollama");
const stamp = join(folder, "stamp");
const binary = join(folder, "ollama");

const headers = [
  { path: "/usr/include/nlohmann/json.hpp", package: "nlohmann-json3-dev" },
  { path: "/usr/include/stb/stb_image.h", package: "libstb-dev" },
];

const miniaudio = `#pragma once
#include <stddef.h>
#include <stdint.h>
typedef int ma_result; typedef uint64_t ma_uint64; typedef uint32_t ma_uint32;
#define MA_SUCCESS 0
enum ma_format { ma_format_unknown = 0, ma_format_f32 = 5 };
struct ma_decoder_config { int unused; }; struct ma_decoder { int unused; };
static inline ma_decoder_config ma_decoder_config_init(ma_format, ma_uint32, ma_uint32) { return ma_decoder_config{0}; }
static inline ma_result ma_decoder_init_memory(const void *, size_t, const ma_decoder_config *, ma_decoder *) { return -1; }
static inline ma_result ma_decoder_get_length_in_pcm_frames(ma_decoder *, ma_uint64 *n) { *n = 0; return -1; }
static inline ma_result ma_decoder_read_pcm_frames(ma_decoder *, void *, ma_uint64, ma_uint64 *n) { if (n) *n = 0; return -1; }
static inline ma_result ma_decoder_uninit(ma_decoder *) { return 0; }
`;

function build(): void {
  const wanted = `ollama ${version}\n`;
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    process.stdout.write(`${binary} is already built\n`);
    return;
  }
  for (const { path, package: name } of headers) {
    if (!existsSync(path)) fail(`${path} is missing. Run: apt-get install -y --no-install-recommends ${name}`);
  }
  if (spawnSync("go", ["version"]).status !== 0) fail("go is not installed; it builds Ollama");
  const include = join(folder, "include");
  mkdirSync(join(include, "miniaudio"), { recursive: true });
  writeFileSync(join(include, "miniaudio", "miniaudio.h"), miniaudio);
  rmSync(stamp, { force: true });
  process.stdout.write(`building Ollama ${version}, about 6 minutes the first time\n`);
  const built = spawnSync(
    "go",
    [
      "install",
      "-ldflags",
      `-X github.com/ollama/ollama/version.Version=${version}`,
      `github.com/ollama/ollama@v${version}`,
    ],
    {
      stdio: "inherit",
      env: { ...process.env, CPLUS_INCLUDE_PATH: include, GOBIN: folder, GOTOOLCHAIN: "local" },
    },
  );
  if (built.status !== 0) fail(`go install ended with status ${built.status}`);
  writeFileSync(stamp, wanted);
  process.stdout.write(`${binary}\n`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

build();
