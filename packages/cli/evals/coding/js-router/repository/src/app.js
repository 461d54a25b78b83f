/** Answers a request `{ method, path }` with `{ status, headers, body }`. */
export function handle(router, request) {
  const route = router.find(request.method, request.path);
  if (route === undefined) return { status: 404, headers: {}, body: "not found" };
  const answer = route.handler(request);
  return { status: 200, headers: {}, body: "", ...answer };
}
