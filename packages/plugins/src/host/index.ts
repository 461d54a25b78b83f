export type { PluginHostEntry } from "./connection.ts";
export type { HostCall, HostedPlugin } from "./host-call.ts";
export { PluginHost } from "./plugin-host.ts";
