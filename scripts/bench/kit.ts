import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openKitStore, packKit, parseReferences, pullKit } from "@trust-cli/core/modelkit";

import { alternate, type Benchmark } from "./benchmark.ts";

const rounds = 5;
const megabytes = 512;
const { signal } = new AbortController();
const network = { credentialFiles: [], plainHttp: false, offline: false };

/** A folder with a Kitfile and a model of random bytes, removed at the end. */
function scratchKit(): Disposable & { root: string; folder: string; model: string } {
  const root = mkdtempSync(join(tmpdir(), "trust-bench-kit-"));
  const folder = join(root, "tree");
  const model = join(folder, "model.gguf");
  mkdirSync(folder);
  writeFileSync(join(folder, "Kitfile"), "manifestVersion: 1.0.0\nmodel: {path: model.gguf}\n");
  const file = openSync(model, "w");
  for (let written = 0; written < megabytes; written++) writeSync(file, randomBytes(2 ** 20));
  closeSync(file);
  return { root, folder, model, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

async function time(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const pack: Benchmark = {
  name: "kit-pack",
  async run() {
    using kit = scratchKit();
    const { root, folder, model } = kit;
    const [target, copy] = [join(root, "store"), join(root, "copy")];
    const { ours, theirs } = await alternate(
      rounds,
      async () => {
        const store = await openKitStore(target);
        const taken = await time(() => packKit({ store, folder, references: parseReferences("x:1"), signal }));
        rmSync(target, { recursive: true });
        return taken;
      },
      async () => {
        const taken = await time(() => {
          execFileSync("cp", [model, copy]);
          execFileSync("sha256sum", [model], { stdio: "ignore" });
        });
        rmSync(copy);
        return taken;
      },
    );
    const against = { name: "cp + sha256sum", value: theirs };
    return [{ name: `kit pack ${megabytes} MiB`, value: ours, unit: "ms", against, goal: Math.round(theirs / 0.8) }];
  },
};

/** A registry that only gives out what is in a store, in a process of its own. */
const serverCode = `
const { createReadStream, existsSync, statSync } = require("node:fs");
const [folder, manifest] = process.argv.slice(1);
const server = require("node:http").createServer((request, response) => {
  const hex = request.url.includes("/manifests/") ? manifest : request.url.split("sha256:")[1];
  const file = folder + "/" + hex;
  if (!existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { "content-length": statSync(file).size });
  createReadStream(file, { highWaterMark: 1048576 }).pipe(response);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

const pull: Benchmark = {
  name: "kit-pull",
  async run() {
    using kit = scratchKit();
    const { root, folder } = kit;
    const source = await openKitStore(join(root, "source"));
    const packed = await packKit({ store: source, folder, references: parseReferences("x:1"), signal });
    const blobs = join(source.root, "blobs", "sha256");
    const words = ["-e", serverCode, blobs, packed.digest.slice("sha256:".length)];
    const server = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = (await once(server.stdout, "data")) as [Buffer];
    const host = `127.0.0.1:${port.toString().trim()}`;
    const [target, copy] = [join(root, "target"), join(root, "copy")];
    const layer = packed.layers[0]?.digest ?? "";
    const fetch = (): Buffer => execFileSync("curl", ["-sf", "-o", copy, `http://${host}/v2/x/blobs/${layer}`]);
    const ours = async (): Promise<number> => {
      const store = await openKitStore(target);
      const taken = await time(() => pullKit({ store, reference: `${host}/x:1`, network, signal }));
      rmSync(target, { recursive: true });
      return taken;
    };
    const withCurl = await alternate(rounds, ours, () => time(fetch));
    const withBoth = await alternate(rounds, ours, () =>
      time(() => {
        fetch();
        execFileSync("sha256sum", [copy], { stdio: "ignore" });
      }),
    );
    server.kill();
    const name = `kit pull ${megabytes} MiB`;
    return [
      {
        name,
        value: withCurl.ours,
        unit: "ms",
        against: { name: "curl", value: withCurl.theirs },
        goal: Math.round(withCurl.theirs),
      },
      {
        name: `${name}, verified`,
        value: withBoth.ours,
        unit: "ms",
        against: { name: "curl + sha256sum", value: withBoth.theirs },
        goal: Math.round(withBoth.theirs),
      },
    ];
  },
};

export const kitBenchmarks: readonly Benchmark[] = [pack, pull];
