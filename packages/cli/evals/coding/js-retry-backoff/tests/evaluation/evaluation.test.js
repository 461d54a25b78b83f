import assert from "node:assert/strict";
import { test } from "node:test";

import { fetchReport } from "../src/report.js";
import { retry } from "../src/retry.js";

function recorder() {
  const waits = [];
  return { waits, wait: async (milliseconds) => void waits.push(milliseconds) };
}

const failing = (count, error = new Error("busy")) => {
  let calls = 0;
  const work = async () => {
    calls++;
    if (calls <= count) throw error;
    return "done";
  };
  return { work, calls: () => calls };
};

test("defaults stay: three attempts, doubling waits, no wait after the last", async () => {
  const { waits, wait } = recorder();
  const job = failing(9);
  await assert.rejects(retry(job.work, { wait }), /busy/);
  assert.equal(job.calls(), 3);
  assert.deepEqual(waits, [100, 200]);
  assert.equal(await retry(failing(1).work, { wait }), "done");
});

test("maxDelay caps each wait", async () => {
  const { waits, wait } = recorder();
  await retry(failing(4).work, { attempts: 6, delay: 50, maxDelay: 120, wait });
  assert.deepEqual(waits, [50, 100, 120, 120]);
});

test("shouldRetry is asked with error and attempt, and ends it at once", async () => {
  const { waits, wait } = recorder();
  const asked = [];
  const job = failing(9);
  const shouldRetry = (error, attempt) => {
    asked.push([error.message, attempt]);
    return attempt < 2;
  };
  await assert.rejects(retry(job.work, { attempts: 5, wait, shouldRetry }), /busy/);
  assert.deepEqual(asked, [["busy", 1], ["busy", 2]]);
  assert.deepEqual(waits, [100]);
  assert.equal(job.calls(), 2);
});

test("an aborted signal prevents the first attempt", async () => {
  const reason = new Error("stop");
  const job = failing(0);
  await assert.rejects(retry(job.work, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  assert.equal(job.calls(), 0);
});

test("an abort while waiting ends the wait with the reason", { timeout: 3000 }, async () => {
  const controller = new AbortController();
  const reason = new Error("stop");
  const job = failing(9);
  setTimeout(() => controller.abort(reason), 20);
  await assert.rejects(retry(job.work, { delay: 4000, signal: controller.signal }), (error) => error === reason);
  assert.equal(job.calls(), 1);
  const never = () => new Promise(() => undefined);
  const other = new AbortController();
  setTimeout(() => other.abort(reason), 20);
  await assert.rejects(retry(failing(9).work, { wait: never, signal: other.signal }), (error) => error === reason);
});

test("an abort during an attempt that fails is the end", async () => {
  const controller = new AbortController();
  const { waits, wait } = recorder();
  let calls = 0;
  const work = async () => {
    calls++;
    controller.abort(new Error("stop"));
    throw new Error("busy");
  };
  await assert.rejects(retry(work, { wait, signal: controller.signal }), /stop/);
  assert.equal(calls, 1);
});

test("reports are not asked for again when the request is wrong", async () => {
  const client = (statuses) => {
    let calls = 0;
    return {
      calls: () => calls,
      get: async () => {
        const status = statuses[calls++];
        if (status !== undefined) throw Object.assign(new Error(`status ${status}`), { status });
        return { title: "T" };
      },
    };
  };
  const { wait } = recorder();
  const gone = client([404, 404]);
  await assert.rejects(fetchReport(gone, "a", { wait }), /404/);
  assert.equal(gone.calls(), 1);
  const busy = client([429, 503]);
  assert.deepEqual(await fetchReport(busy, "a", { wait }), { id: "a", title: "T", rows: [] });
  assert.equal(busy.calls(), 3);
});
