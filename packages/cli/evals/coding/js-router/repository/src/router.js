import { matchPath } from "./match.js";

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

  /** The route for a request, or undefined. */
  find(method, path) {
    return this.#routes.find((route) => route.method === method && matchPath(route.pattern, path));
  }
}
