import { compareRanks, matchPath } from "./match.js";

export class Router {
  #routes = [];

  add(method, pattern, handler) {
    this.#routes.push({ method, pattern, handler });
    return this;
  }

  get(pattern, handler) {
    return this.add("GET", pattern, handler);
  }

  post(pattern, handler) {
    return this.add("POST", pattern, handler);
  }

  /** The best route for a request with its undecoded `params`, or undefined. */
  find(method, path) {
    return this.#matches(path).find((route) => route.method === method);
  }

  /** Methods that know this path, sorted. */
  methods(path) {
    const found = new Set(this.#matches(path).map(({ method }) => method));
    if (found.has("GET")) found.add("HEAD");
    return [...found].sort();
  }

  #matches(path) {
    return this.#routes
      .flatMap((route) => {
        const match = matchPath(route.pattern, path);
        return match === undefined ? [] : [{ ...route, ...match }];
      })
      .sort((a, b) => compareRanks(a.ranks, b.ranks));
  }
}
