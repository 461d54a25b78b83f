import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, untilItAnswers } from "./real-server.ts";

/** A real container registry on a free port of this machine, with a folder of its own. */
export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, the first part of a reference. */
  readonly host: string;
}

/** Undefined where the program is not installed: `npm run interop:setup`. */
export async function dockerRegistry(): Promise<DockerRegistry | undefined> {
  if (spawnSync("docker-registry", ["--version"]).error !== undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "trust-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const config = {
    version: "0.1",
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "blobs") }, delete: { enabled: true } },
    http: { addr: host },
  };
  // JSON is YAML too.
  await writeFile(join(folder, "config.yml"), JSON.stringify(config));
  const server = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  const ended = once(server, "exit");
  await untilItAnswers(`http://${host}/v2/`);
  return {
    host,
    async [Symbol.asyncDispose]() {
      server.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
