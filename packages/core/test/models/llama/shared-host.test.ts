import { mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { HostConnection } from "../../../src/models/llama/host-connection.ts";
import { preparePlace, sharedHostPlace, socketExists } from "../../../src/models/llama/shared-host-place.ts";
import { readHostLog, stopSharedHost } from "../../../src/models/llama/shared-host.ts";
import { hostProtocolVersion } from "../../../src/protocol/host.ts";
import { temporaryFolder } from "../../workspace/temporary-folder.ts";
import { gone, isRunning, never } from "./llama-bench.ts";
import { openWork, readText, sharedRig, type SharedRig, until } from "./shared-host-bench.ts";

/** What ends work that never ends by itself, once the connection is lost. */
const lossOf = async (connection: HostConnection): Promise<unknown> => {
  try {
    await Array.fromAsync(connection.request({ type: "embed", model: 1, texts: [] }, never()));
    return undefined;
  } catch (error) {
    return error;
  }
};

const die = (connection: HostConnection, how: string): Promise<unknown> =>
  Array.fromAsync(connection.request({ type: "unload", path: how }, never())).catch((error: unknown) => error);

async function rawClient({ shared }: SharedRig): Promise<Socket> {
  const socket = connect(shared.place.socket);
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once("close", resolve));

describe("starting the shared host", () => {
  test("twenty clients of four processes that come at once get one and the same host", async () => {
    await using rig = await sharedRig();
    const clients = await Promise.all(Array.from({ length: 4 }, () => rig.client(5)));
    const hosts = clients.flatMap((client) => client.hosts);
    expect(hosts).toHaveLength(20);
    expect(new Set(hosts).size).toBe(1);
    expect(rig.started()).toEqual([hosts[0]]);
  });

  test("its socket, its folder and its log are for their owner alone", async () => {
    await using rig = await sharedRig();
    const connection = await rig.open();
    const { place } = rig.shared;
    const modes = [place.directory, place.socket, place.pidFile ?? "", place.log].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
    expect(readFileSync(place.pidFile ?? "", "utf8")).toBe(String(connection.pid));
  });

  test("what a dead host left is replaced", async () => {
    await using rig = await sharedRig();
    const first = await rig.open();
    const loss = lossOf(first);
    process.kill(first.pid ?? 0, "SIGKILL");
    await loss;
    expect(socketExists(rig.shared.place)).toBe(true);
    const second = await rig.open();
    expect(second.pid).not.toBe(first.pid);
    expect(await openWork(second)).toBe(0);
  });

  test("the lock of a starter that was killed holds nobody up", async () => {
    await using rig = await sharedRig();
    mkdirSync(rig.shared.place.directory, { mode: 0o700 });
    writeFileSync(rig.shared.place.lock, "4194303 token");
    expect((await rig.open()).pid).toBe(rig.started()[0]);
  });

  test("a host that ends at once is an error with its last words, not a wait", async () => {
    await using rig = await sharedRig();
    rig.entry.args = ["-e", "throw new TypeError('no such thing')", "--"];
    await expect(rig.open()).rejects.toMatchObject({
      code: "HOST_CRASHED",
      message: expect.stringMatching(/stopped with status \d+: TypeError: no such thing/) as unknown,
    });
  });

  test("a host whose socket was removed gives way to the next, and leaves when nobody needs it", async () => {
    await using rig = await sharedRig();
    const first = await rig.open();
    unlinkSync(rig.shared.place.socket);
    const second = await rig.open();
    expect(second.pid).not.toBe(first.pid);
    expect(await openWork(first)).toBe(0);
    await first.close();
    expect(await gone(first.pid)).toBe(true);
    expect(await openWork(second)).toBe(0);
  });
});

describe("a place that is taken", () => {
  const place = (runtime: string) => sharedHostPlace({ XDG_RUNTIME_DIR: runtime }, "/data", "cpu");

  test("by a file is refused, and the file stays", async () => {
    await using rig = await sharedRig();
    mkdirSync(rig.shared.place.directory, { mode: 0o700 });
    writeFileSync(rig.shared.place.socket, "mine");
    await expect(rig.open()).rejects.toMatchObject({
      code: "HOST_MISSING",
      message: expect.stringContaining("is not a socket") as unknown,
      hint: expect.stringContaining("--private-host") as unknown,
    });
    expect(readText(rig.shared.place.socket)).toBe("mine");
    expect(rig.started()).toEqual([]);
  });

  test("by a link to a folder is refused", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(folder, "trust"));
    expect(() => preparePlace(place(folder))).toThrow(/is not a folder/);
  });

  test("by another person is refused, and the error says whose it is", async () => {
    await using rig = await sharedRig();
    await rig.open();
    const user = process.geteuid?.() ?? 0;
    const owner = user === 0 ? "root" : `user ${user}`;
    for (const look of [preparePlace, socketExists]) {
      expect(() => look(rig.shared.place, user + 1)).toThrow(`belongs to ${owner}, not to you (user ${user + 1})`);
    }
  });

  test("a folder that others could write is closed to them", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "trust"), { mode: 0o777 });
    preparePlace(place(folder));
    expect(statSync(join(folder, "trust")).mode & 0o777).toBe(0o700);
  });
});

describe("the place's name", () => {
  test("tells installations, versions and backends apart", () => {
    const runtime = temporaryFolder();
    const name = (data: string, backend: string): string =>
      sharedHostPlace({ XDG_RUNTIME_DIR: runtime }, data, backend).socket;
    expect(name("/a", "cpu")).toMatch(new RegExp(`^${runtime}/trust/[0-9a-f]{6}-v${hostProtocolVersion}-cpu\\.sock$`));
    expect(new Set([name("/a", "cpu"), name("/b", "cpu"), name("/a", "cuda")]).size).toBe(3);
  });

  test("is in the temporary folder when the runtime folder is missing, too long, or none of ours", () => {
    const temporary = temporaryFolder();
    const user = process.geteuid?.() ?? 0;
    const long = join(temporary, "x".repeat(90));
    mkdirSync(long);
    for (const runtime of [undefined, "relative", "/nonexistent", long]) {
      const { directory } = sharedHostPlace({ XDG_RUNTIME_DIR: runtime, TMPDIR: temporary }, "/a", "cpu");
      expect(directory).toBe(join(temporary, `trust-${user}`));
    }
    expect(sharedHostPlace({ TMPDIR: long }, "/a", "cpu").directory).toBe(`/tmp/trust-${user}`);
  });
});

describe.concurrent("the loss", () => {
  test("of a client by SIGKILL frees its work, and harms no other", async () => {
    await using rig = await sharedRig();
    const watcher = await rig.open();
    const client = await rig.client(3);
    await until(async () => (await openWork(watcher)) === 3);
    client.process.kill("SIGKILL");
    await until(async () => (await openWork(watcher)) === 0);
    expect(watcher.crashed).toBeUndefined();
  });

  test.each([
    ["assert", "The model host crashed: /src/ggml.c:42: GGML_ASSERT(n > 0) failed"],
    ["kill", "The model host was killed or crashed without a word, perhaps because memory ran out"],
  ])(
    "of the host (%s) reaches every client once, with its last words; the next one starts another",
    async (how, said) => {
      await using rig = await sharedRig();
      const clients = await Promise.all(Array.from({ length: 5 }, () => rig.open()));
      const losses = clients.map(lossOf);
      const [first, ...others] = clients;
      if (first === undefined) throw new Error("no client");
      await die(first, how);
      expect(await Promise.all(losses)).toEqual(
        clients.map(() => expect.objectContaining({ code: "HOST_CRASHED", message: said }) as unknown),
      );
      expect(others.every(({ crashed }) => crashed?.message === said)).toBe(true);
      const next = await Promise.all(Array.from({ length: 5 }, () => rig.open()));
      expect(new Set(next.map(({ pid }) => pid)).size).toBe(1);
      expect(rig.started()).toHaveLength(2);
    },
  );

  test("of a host that hangs is noticed by its silence; it is ended, and the next one works", async () => {
    await using rig = await sharedRig();
    const clients = [await rig.open(2), await rig.open(2)];
    const [first] = clients;
    if (first === undefined) throw new Error("no client");
    const losses = [lossOf(first), ...clients.map((client) => die(client, "hang"))];
    for (const loss of await Promise.all(losses)) {
      expect(loss).toMatchObject({ code: "HOST_CRASHED", message: "The model host did not answer for 2 seconds" });
    }
    const next = await rig.open();
    expect(await openWork(next)).toBe(0);
    expect(isRunning(first.pid ?? 0)).toBe(false);
  });

  test("of a client's own connection by silence does not end a host that answers others", async () => {
    await using rig = await sharedRig();
    const impatient = await rig.open(1);
    const other = await rig.open();
    const { pid } = impatient;
    // A tick before the first beat: this client alone hears nothing.
    await until(() => impatient.crashed !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isRunning(pid ?? 0)).toBe(true);
    expect(await openWork(other)).toBe(0);
  });
});

describe.concurrent("the end of the shared host", () => {
  test("comes when nobody was there for a while, without a trace", async () => {
    await using rig = await sharedRig({ idleSeconds: 1 });
    const connection = await rig.open();
    await connection.close();
    expect(await gone(connection.pid)).toBe(true);
    expect(socketExists(rig.shared.place)).toBe(false);
    expect(readHostLog(rig.shared.place.log, 1)).toMatchObject([
      { level: "info", message: expect.stringMatching(/^leaves: idle/) as unknown, pid: connection.pid },
    ]);
  });

  test("does not come while a client is there", async () => {
    await using rig = await sharedRig({ idleSeconds: 0 });
    const connection = await rig.open();
    await new Promise((resolve) => setTimeout(resolve, 2200));
    expect(await openWork(connection)).toBe(0);
  });

  test("comes when it is stopped, and its clients learn that somebody asked for it", async () => {
    await using rig = await sharedRig();
    const connection = await rig.open();
    const loss = lossOf(connection);
    expect(await stopSharedHost(rig.shared)).toEqual({ pid: connection.pid, killed: false });
    expect(await loss).toMatchObject({ code: "HOST_CRASHED", message: "The model host left: asked to by a client" });
    expect(await stopSharedHost(rig.shared)).toBeUndefined();
  });

  test("comes by force when it hangs", async () => {
    await using rig = await sharedRig();
    const connection = await rig.open(60);
    void die(connection, "hang");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await stopSharedHost(rig.shared)).toEqual({ pid: connection.pid, killed: true });
    expect(isRunning(connection.pid ?? 0)).toBe(false);
  });
});

describe.concurrent("a client that misbehaves", () => {
  const misdeeds: [string, (socket: Socket) => void][] = [
    ["garbage", (socket) => socket.write("GET / HTTP/1.1\r\n\r\n")],
    ["bytes that are no text", (socket) => socket.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]))],
    ["JSON that is no request", (socket) => socket.write('{"type":"reboot"}\n[]\n')],
    [
      "64 MB without a line's end",
      (socket) => {
        for (let index = 0; index < 64; index++) socket.write("x".repeat(1024 * 1024));
      },
    ],
    [
      "requests whose replies it never reads",
      (socket) => {
        socket.pause();
        const documents = Array.from({ length: 20 }, () => "y".repeat(1000));
        const asked = JSON.stringify({ type: "rank", request: 1, model: 1, query: "", documents });
        socket.write(`${asked}\n`);
      },
    ],
  ];

  test.each(misdeeds)("by %s is sent away, and others are served on", async (_what, misbehave) => {
    await using rig = await sharedRig();
    const other = await rig.open();
    const socket = await rawClient(rig);
    const isGone = until(() => readText(rig.shared.place.log).includes("a client was sent away"));
    misbehave(socket);
    await isGone;
    socket.resume();
    if (!socket.destroyed) await closed(socket);
    expect(await openWork(other)).toBe(0);
    expect(rig.started()).toEqual([other.pid]);
  });

  test("by a request that there is not gets an answer", async () => {
    await using rig = await sharedRig();
    await rig.open();
    const socket = await rawClient(rig);
    socket.write('{"type":"reboot","request":7}\n');
    const [line] = await new Promise<Buffer[]>((resolve) => socket.once("data", (data) => resolve([data])));
    expect(String(line)).toContain('{"type":"failed","request":7,"error":{"code":"INPUT_INVALID"');
    socket.destroy();
  });
});

test("a log that grew too large begins anew, and one old file is kept", async () => {
  await using rig = await sharedRig();
  mkdirSync(rig.shared.place.directory, { mode: 0o700 });
  writeFileSync(rig.shared.place.log, "words\n".repeat(1_000_000));
  await rig.open();
  await until(() => statSync(rig.shared.place.log).size < 1000);
  expect(statSync(`${rig.shared.place.log}.old`).size).toBeGreaterThan(5_000_000);
});
