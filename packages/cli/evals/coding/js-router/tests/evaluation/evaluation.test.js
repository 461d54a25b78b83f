import assert from "node:assert/strict";
import { test } from "node:test";

import { handle } from "../src/app.js";
import { Router } from "../src/router.js";

const show = (name) => (request) => ({ body: `${name} ${JSON.stringify(request.params ?? {})}` });

function app() {
  return new Router()
    .get("/files/*", show("rest"))
    .get("/users/:id", show("user"))
    .get("/users/me", show("me"))
    .get("/users/:id/posts/:post", show("post"))
    .post("/users", show("create"))
    .add("DELETE", "/users/:id", show("remove"))
    .get("/files/readme", show("readme"))
    .get("/", show("home"));
}

const ask = (method, path) => handle(app(), { method, path });

test("parameters are decoded", () => {
  assert.equal(ask("GET", "/users/a%20b?x=1").body, 'user {"id":"a b"}');
  assert.equal(ask("GET", "/users/7/posts/9").body, 'post {"id":"7","post":"9"}');
  assert.equal(ask("GET", "/").body, "home {}");
  assert.equal(ask("GET", "/users/a%2Fb").body, 'user {"id":"a/b"}');
});

test("exact beats parameter beats rest, whatever the order", () => {
  assert.equal(ask("GET", "/users/me").body, "me {}");
  assert.equal(ask("GET", "/files/readme").body, "readme {}");
  assert.equal(ask("GET", "/files/a/b%20c").body, 'rest {"rest":"a/b c"}');
  assert.equal(ask("GET", "/files").status, 404);
  const late = new Router().get("/x/*", show("star")).get("/x/:id", show("one")).get("/:a/y", show("ay"));
  assert.equal(handle(late, { method: "GET", path: "/x/z" }).body, 'one {"id":"z"}');
  assert.equal(handle(late, { method: "GET", path: "/x/y" }).body, 'one {"id":"y"}');
  assert.equal(handle(late, { method: "GET", path: "/x/y/z" }).body, 'star {"rest":"y/z"}');
});

test("HEAD is GET without a body", () => {
  const head = ask("HEAD", "/users/7");
  assert.deepEqual([head.status, head.body], [200, ""]);
  const own = new Router().get("/a", () => ({ body: "long", headers: { etag: "1" } }));
  assert.deepEqual(handle(own, { method: "HEAD", path: "/a" }), { status: 200, headers: { etag: "1" }, body: "" });
});

test("other methods give 405 with what is allowed", () => {
  const answer = ask("PUT", "/users/7");
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, "DELETE, GET, HEAD");
  const create = ask("GET", "/users");
  assert.deepEqual([create.status, create.headers.allow], [405, "POST"]);
  assert.equal(ask("GET", "/nothing").status, 404);
  assert.equal(ask("POST", "/nothing/at/all").status, 404);
});

test("what cannot be decoded is 400", () => {
  assert.equal(ask("GET", "/users/%E0%A4%A").status, 400);
  assert.equal(ask("GET", "/users/%25").body, 'user {"id":"%"}');
});

test("handlers still decide status and headers", () => {
  const router = new Router().get("/t/:x", ({ params }) => ({ status: 201, headers: { x: params.x } }));
  assert.deepEqual(handle(router, { method: "GET", path: "/t/1" }), { status: 201, headers: { x: "1" }, body: "" });
});
