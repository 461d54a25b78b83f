import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

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
  await untilItAnswers(host);
  return {
    host,
    async [Symbol.asyncDispose]() {
      server.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function untilItAnswers(host: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answered = await fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
    await sleep(50);
  }
  throw new Error(`the registry at ${host} did not start`);
}
