/** A JSON value: all that goes in and out of a plugin. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface PluginFiles {
  /** The text of a workspace file, at most 1 MB. Fails for files that the manifest does not name. */
  read(path: string): Promise<string>;
  /** What a folder holds of the files that the plugin may read. `.` is the workspace. */
  list(path: string): Promise<{ name: string; kind: "file" | "directory" }[]>;
  /** Workspace files that match, sorted; at most 5,000. `*` and `?` stay inside one name, `**` is any folders. */
  glob(pattern: string): Promise<string[]>;
}

/** Values that last, for this plugin in this workspace; at most 1,000 keys. Each is written on its own. */
export interface PluginStorage {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
  delete(key: string): Promise<void>;
  /** The keys, sorted. */
  list(): Promise<string[]>;
}

export interface PluginContext {
  readonly fs: PluginFiles;
  readonly storage: PluginStorage;
  /** A line for the person, shown while the tool runs. */
  log(text: string): void;
}

/** `run` gives what the model reads: text as it is, anything else as JSON. What it throws is told to the model. */
export interface ToolDefinition<Input extends object = never> {
  name: string;
  run(input: Input, context: PluginContext): unknown;
}

export interface PluginDefinition {
  tools: readonly ToolDefinition[];
}

/** Tells Trust what the plugin does; called once, while `index.js` is loaded. */
export const definePlugin = (plugin: PluginDefinition): PluginDefinition => plugin;

/** Gives `run` the type of its input. The manifest describes the same tool for people and models. */
export const defineTool = <Input extends object>(tool: ToolDefinition<Input>): ToolDefinition<Input> => tool;
