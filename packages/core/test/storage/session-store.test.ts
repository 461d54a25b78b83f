import { once } from "node:events";
import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";

import type { SessionStore } from "../../src/ports/session-store.ts";
import { TrustError } from "../../src/protocol/errors.ts";
import type { Message } from "../../src/protocol/messages.ts";
import { createSessionStore } from "../../src/storage/index.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { temporaryFolder, withoutRootRights } from "../workspace/temporary-folder.ts";
import { firstOutput, startFixture } from "./other-process.ts";

const user = (text: string): Message => ({ role: "user", text });
const call = { id: "call-1", name: "read_file", args: { path: "a.ts" }, raw: "", via: "parsed" as const, repairs: [] };
const asking: Message = { role: "assistant", text: "", calls: [call] };
const answer: Message = {
  role: "tool",
  callId: "call-1",
  name: "read_file",
  status: "ok",
  text: "1",
  summary: "1 line",
};

function bench(): { folder: string; database: string; locks: string; open: () => SessionStore } {
  const folder = temporaryFolder();
  const database = join(folder, "data", "sessions.db");
  const locks = join(folder, "state", "locks");
  const clock = manualClock();
  const open = (): SessionStore => {
    const store = createSessionStore(database, locks, clock);
    onTestFinished(() => store[Symbol.dispose]());
    clock.advance(1000);
    return store;
  };
  return { folder, database, locks, open };
}

function caught(act: () => unknown): TrustError {
  try {
    act();
  } catch (error) {
    if (error instanceof TrustError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a session", () => {
  test("comes back with every message, in order, as it was", () => {
    const { open } = bench();
    const messages = [
      user("What is a.ts? ✓"),
      asking,
      answer,
      { role: "assistant", text: "It is 1.", calls: [] } satisfies Message,
    ];
    const store = open();
    const first = store.create("/work", "nano");
    for (const message of messages) first.append(message);
    first[Symbol.dispose]();
    using again = open().open(first.id);
    expect(again.messages).toEqual(messages);
  });

  test("is called by the first line that the person wrote, cut to 60 characters", () => {
    const store = bench().open();
    using session = store.create("/work", "nano");
    session.append({ role: "system", text: "You are Trust." });
    session.append(user(`\n  ${"long ".repeat(20)}\nsecond line`));
    session.append(user("later"));
    const [summary] = store.list(1);
    expect(summary).toMatchObject({ id: session.id, cwd: "/work", model: "nano", messages: 3 });
    expect(summary?.title).toMatch(/^long long .*…$/);
    expect(summary?.title).toHaveLength(60);
  });

  test("opens by the beginning of its id, in any case, from four letters on", () => {
    const { open } = bench();
    const store = open();
    store.create("/work", "nano")[Symbol.dispose]();
    const { id } = store.list(1)[0] ?? { id: "" };
    expect(id).toMatch(/^[0-9a-z]{12,16}$/);
    store.open(id.slice(0, 4).toUpperCase())[Symbol.dispose]();
    store.open(id)[Symbol.dispose]();
    for (const wrong of [id.slice(0, 3), `${id}0`, "zzzzzz", "", "%%%%", "____", `${id.slice(0, 4)}%`]) {
      expect(
        caught(() => store.open(wrong)),
        wrong,
      ).toMatchObject({ code: "SESSION_UNKNOWN" });
    }
  });

  test("is not guessed where two begin alike", () => {
    const store = bench().open();
    const [one, two] = [store.create("/work", "nano"), store.create("/work", "nano")];
    expect(one.id.slice(0, 4)).toBe(two.id.slice(0, 4));
    expect(caught(() => store.open(one.id.slice(0, 4))).message).toContain("several sessions begin with");
  });

  test("of later time has a later id", () => {
    const clock = manualClock();
    const folder = temporaryFolder();
    using store = createSessionStore(join(folder, "s.db"), join(folder, "locks"), clock);
    const ids = Array.from({ length: 20 }, () => {
      clock.advance(1);
      using session = store.create("/work", "nano");
      return session.id;
    });
    expect(ids.toSorted()).toEqual(ids);
  });

  test("that was killed between a call and its result gets a failed result, once", () => {
    const { open } = bench();
    const store = open();
    const session = store.create("/work", "nano");
    for (const message of [user("a"), asking, answer, user("b"), asking]) session.append(message);
    session[Symbol.dispose]();
    const repaired = store.open(session.id);
    expect(repaired.messages).toHaveLength(6);
    expect(repaired.messages.at(-1)).toMatchObject({ role: "tool", callId: "call-1", status: "failed" });
    repaired[Symbol.dispose]();
    using again = open().open(session.id);
    expect(again.messages).toEqual(repaired.messages);
  });

  test("with a damaged message is not opened, and the row is named", () => {
    const { database, open } = bench();
    const store = open();
    const session = store.create("/work", "nano");
    session.append(user("a"));
    session.append(user("b"));
    session[Symbol.dispose]();
    const raw = new Database(database);
    raw.prepare('UPDATE messages SET json = \'{"role":"king"}\' WHERE seq = 1').run();
    raw.close();
    const error = caught(() => store.open(session.id));
    expect(error.code).toBe("STORAGE_FAILED");
    expect(error.message).toContain(`message 1 of session ${session.id}`);
    expect(caught(() => store.open(session.id)).code, "the lock was given back").toBe("STORAGE_FAILED");
  });
});

test("the latest session is the one of this folder that changed last", () => {
  const { open } = bench();
  const folder = temporaryFolder();
  const clock = manualClock();
  using store = createSessionStore(join(folder, "s.db"), join(folder, "locks"), clock);
  using here = store.create("/here", "nano");
  clock.advance(10);
  using alsoHere = store.create("/here", "nano");
  clock.advance(10);
  using there = store.create("/there", "nano");
  clock.advance(10);
  expect(store.latest("/here")?.id).toBe(alsoHere.id);
  here.append(user("still here"));
  expect(store.latest("/here")?.id).toBe(here.id);
  expect(store.latest("/nowhere")).toBeUndefined();
  expect(store.list(2).map(({ id }) => id)).toEqual([here.id, there.id]);
  expect(open().list(5)).toEqual([]);
});

describe("among processes", () => {
  test("a session that another process has open is busy, and free when that process dies", async () => {
    const { database, locks, open } = bench();
    const store = open();
    const session = store.create("/work", "nano");
    session[Symbol.dispose]();
    const holder = startFixture("append-messages.ts", ["hold", database, locks, session.id]);
    await firstOutput(holder);
    expect(caught(() => store.open(session.id))).toMatchObject({ code: "SESSION_BUSY", hint: expect.any(String) });
    using other = store.create("/work", "nano");
    other.append(user("another session goes on"));
    holder.kill("SIGKILL");
    await once(holder, "exit");
    using again = store.open(session.id);
    expect(again.id).toBe(session.id);
  });

  test("a session is busy for a second opening in the same process too", () => {
    const { open } = bench();
    using session = open().create("/work", "nano");
    expect(caught(() => open().open(session.id)).code).toBe("SESSION_BUSY");
  });

  test("nothing that was acknowledged is lost when the writer is killed, ten times over", async () => {
    const { database, locks, open } = bench();
    const created = open().create("/work", "nano");
    const { id } = created;
    created[Symbol.dispose]();
    let before = 0;
    for (let kill = 0; kill < 10; kill++) {
      const writer = startFixture("append-messages.ts", ["append", database, locks, id]);
      let printed = await firstOutput(writer);
      writer.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      await new Promise((resolve) => setTimeout(resolve, 5 + kill * 3));
      writer.kill("SIGKILL");
      await once(writer, "close");
      const acknowledged = printed.split("\n").slice(0, -1).map(Number).at(-1) ?? -1;
      using after = createSessionStore(database, locks);
      using session = after.open(id);
      expect(session.messages.length).toBeGreaterThan(Math.max(acknowledged, before));
      expect(session.messages.map(({ text }) => Number.parseInt(text, 10))).toEqual(
        session.messages.map((_, at) => at),
      );
      before = session.messages.length;
    }
  });

  test("several may make the database at the same moment", async () => {
    const { database, locks, open } = bench();
    const ids = await Promise.all(
      Array.from({ length: 6 }, () => firstOutput(startFixture("open-store.ts", [database, locks]))),
    );
    expect(
      new Set(
        open()
          .list(10)
          .map(({ id }) => id),
      ),
    ).toEqual(new Set(ids.map((id) => id.trim())));
  });
});

describe("what the disk refuses is said", () => {
  test("the files are the person's alone", () => {
    const { folder, database, open } = bench();
    using session = open().create("/work", "nano");
    session.append(user("secret"));
    expect(statSync(join(folder, "data")).mode & 0o777).toBe(0o700);
    const modes = readdirSync(join(folder, "data")).map((name) => statSync(join(folder, "data", name)).mode & 0o777);
    expect(modes.length).toBeGreaterThan(1);
    expect(new Set(modes)).toEqual(new Set([0o600]));
    expect(statSync(database).isFile()).toBe(true);
  });

  test("a folder that cannot be written", async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    const error = await withoutRootRights(async () =>
      caught(() => createSessionStore(join(folder, "data", "s.db"), join(folder, "locks"))),
    );
    expect(error).toMatchObject({ code: "STORAGE_FAILED", hint: expect.stringContaining("TRUST_HOME") });
    expect(error.message).toContain("its folder cannot be written");
  });

  test("a file in the place of a folder", () => {
    const folder = temporaryFolder({ data: "not a folder" });
    expect(caught(() => createSessionStore(join(folder, "data", "s.db"), folder))).toMatchObject({
      code: "STORAGE_FAILED",
      hint: expect.any(String),
    });
  });

  test("a file that is no database is reported and left as it is", () => {
    const folder = temporaryFolder({ "s.db": "dear diary, ".repeat(500) });
    const error = caught(() => createSessionStore(join(folder, "s.db"), join(folder, "locks")));
    expect(error.message).toContain("it is not a database");
    expect(error.hint).toContain("move it away");
    expect(readdirSync(folder)).toEqual(["s.db"]);
    expect(statSync(join(folder, "s.db")).size).toBe(6000);
  });

  test("a damaged database is reported and left as it is", () => {
    const { database, open } = bench();
    const store = open();
    using session = store.create("/work", "nano");
    for (let number = 0; number < 200; number++) session.append(user("x".repeat(500)));
    session[Symbol.dispose]();
    store[Symbol.dispose]();
    const size = statSync(database).size;
    writeFileSync(database, Buffer.alloc(size - 4096, 0x41), { flag: "r+" });
    expect(caught(() => open()).code).toBe("STORAGE_FAILED");
    expect(statSync(database).size).toBe(size);
  });

  test("a database of a newer version", () => {
    const { database, open } = bench();
    open()[Symbol.dispose]();
    const raw = new Database(database);
    raw.pragma("user_version = 99");
    raw.close();
    expect(caught(() => open())).toMatchObject({ message: expect.stringContaining("newer version of Trust") });
  });
});
