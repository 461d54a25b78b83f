/** The module that plugins may import, inside the isolate. */
export const sdkName = "@trust-cli/plugins/sdk";

export const sdkSource = `
const define = globalThis.__trustDefinePlugin;
delete globalThis.__trustDefinePlugin;
export const definePlugin = (plugin) => define(plugin);
export const defineTool = (tool) => tool;
`;

/**
 * Runs in the isolate before the plugin's code. `$0` takes JSON text out; what is returned takes JSON text in.
 * Nothing else crosses. It is also where a flood stops, since what was sent waits in our memory. It keeps its own references to what it needs, so that a plugin that changes the built-in
 * objects harms only itself.
 */
export const preludeSource = `
"use strict";
const send = $0;
const { parse, stringify } = JSON;
const { freeze, create, keys } = Object;
const slice = Function.prototype.call.bind(String.prototype.slice);
const OwnPromise = Promise, OwnError = Error, OwnString = String;
for (const name of ["WebAssembly", "SharedArrayBuffer", "Atomics", "console"]) delete globalThis[name];

let tools;
let asked = 0;
const open = create(null);

const wordsOf = (error) => {
  try {
    const words = typeof error === "object" && error !== null ? error.message : error;
    return OwnString(words === undefined ? "it failed without words" : words);
  } catch {
    return "it failed with something that has no words";
  }
};

const ask = (call, pending, method, args) =>
  new OwnPromise((resolve, reject) => {
    if (keys(pending).length >= 64) throw new OwnError("at most 64 questions can be open at once");
    const number = ++asked;
    pending[number] = { resolve, reject };
    send(stringify({ type: "ask", call, ask: number, method, args }));
  });

const contextOf = (call, pending) => {
  let lines = 0;
  const method = (name) => (...args) => ask(call, pending, name, args);
  return freeze({
    fs: freeze({ read: method("fs.read"), list: method("fs.list"), glob: method("fs.glob") }),
    storage: freeze({
      get: method("storage.get"),
      set: method("storage.set"),
      delete: method("storage.delete"),
      list: method("storage.list"),
    }),
    log: (text) => {
      if (++lines <= 200) send(stringify({ type: "log", call, text: slice(OwnString(text), 0, 4000) }));
    },
  });
};

const work = (tool, input, context) => {
  if (tools === undefined) throw new OwnError("the plugin's code never calls definePlugin");
  if (tool === undefined) return keys(tools);
  const definition = tools[tool];
  if (definition === undefined) throw new OwnError("the plugin's code defines no tool " + tool);
  return definition.run(input, context);
};

const answer = async ({ call, tool, input }) => {
  const pending = (open[call] = create(null));
  let text;
  try {
    const value = await work(tool, input, contextOf(call, pending));
    text = stringify({ type: "answer", call, ok: true, value: value === undefined ? null : value });
  } catch (error) {
    text = stringify({ type: "answer", call, ok: false, message: wordsOf(error) });
  }
  delete open[call];
  send(text);
};

const settle = ({ call, ask, ok, value, message }) => {
  const waiting = open[call]?.[ask];
  if (waiting === undefined) return;
  delete open[call][ask];
  if (ok) waiting.resolve(value);
  else waiting.reject(new OwnError(message));
};

globalThis.__trustDefinePlugin = (plugin) => {
  if (tools !== undefined) throw new OwnError("definePlugin was called before");
  const found = create(null);
  for (const tool of plugin.tools) {
    if (typeof tool.name !== "string" || typeof tool.run !== "function") {
      throw new OwnError("a tool is an object with a name and a run function");
    }
    found[tool.name] = tool;
  }
  tools = found;
  return plugin;
};

return (text) => {
  const message = parse(text);
  if (message.type === "call") void answer(message);
  else settle(message);
};
`;
