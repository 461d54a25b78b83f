import { defineConfig } from "vitest/config";

import base from "./vitest.config.ts";

/** Against programs of others: registries, skopeo, Ollama, acpx. `npm run interop:setup` installs them. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ["packages/*/test/**/*.interop.ts"], testTimeout: 180_000, maxWorkers: 1 },
});
