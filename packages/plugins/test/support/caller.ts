import { PluginHost } from "@trust-cli/plugins/host";

import { call, hostEntry, pluginOf } from "./host.ts";

/** Tells the host's process id in the middle of a call, and waits to be killed. */
const host = new PluginHost({ entry: hostEntry, onCrash: () => undefined });
await call(host, pluginOf("one", "return 1"));
process.stdout.write(`${host.pid}\n`);
await call(host, pluginOf("two", "await new Promise(() => {})"), { timeoutMs: 60_000 });
