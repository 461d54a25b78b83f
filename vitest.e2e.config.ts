import { defineConfig } from "vitest/config";

import base from "./vitest.config.ts";

/** The longer suite: killed processes, large repositories, full disks. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ["packages/*/test/**/*.e2e.ts"], testTimeout: 180_000, maxWorkers: 1 },
});
