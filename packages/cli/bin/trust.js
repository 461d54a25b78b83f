#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";

const bundle = new URL("../dist/bundle/trust.js", import.meta.url);

if (Number.parseInt(process.versions.node, 10) < 24) {
  await import("./older-node.js");
} else if (existsSync(bundle)) {
  module.enableCompileCache?.();
  await import(bundle.href);
} else {
  process.stderr.write("Trust is not built yet.\n  npm run build\n");
  process.exitCode = 3;
}
