export { type CallPlugin, type PluginTool, pluginTools, type ResultLimits } from "./plugin-tool.ts";
