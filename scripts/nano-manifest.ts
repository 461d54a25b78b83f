/**
 * node --conditions=@trust-cli/source scripts/nano-manifest.ts: packs the built-in model and writes the manifest and
 * config of that kit beside it, against which it is verified where it is installed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describeUnpackedKit } from "@trust-cli/core/modelkit";

const nano = join(import.meta.dirname, "..", "packages", "core", "nano");
const { manifest, config } = await describeUnpackedKit(nano, new AbortController().signal);
mkdirSync(join(nano, ".kit"), { recursive: true });
writeFileSync(join(nano, ".kit", "manifest.json"), manifest);
writeFileSync(join(nano, ".kit", "config.json"), config);
