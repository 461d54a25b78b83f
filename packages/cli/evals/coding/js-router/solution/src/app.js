/** Answers a request `{ method, path }` with `{ status, headers, body }`. */
export function handle(router, request) {
  const { method, path } = request;
  const route = router.find(method, path) ?? (method === "HEAD" ? router.find("GET", path) : undefined);
  if (route === undefined) return missing(router.methods(path));
  const params = {};
  try {
    for (const [name, parts] of Object.entries(route.params)) params[name] = parts.map(decodeURIComponent).join("/");
  } catch {
    return { status: 400, headers: {}, body: "bad request" };
  }
  const answer = { status: 200, headers: {}, body: "", ...route.handler({ ...request, params }) };
  return method === "HEAD" ? { ...answer, body: "" } : answer;
}

function missing(methods) {
  if (methods.length === 0) return { status: 404, headers: {}, body: "not found" };
  return { status: 405, headers: { allow: methods.join(", ") }, body: "method not allowed" };
}
