import type { Result } from "@trust-cli/core/protocol";

/** What the host needs to run a plugin; `code` is one ES module. */
export interface HostedPlugin {
  id: string;
  /** Tells versions of the code apart, for example a digest. */
  version: string;
  code: string;
  memoryMB: number;
  cpuMs: number;
}

export interface HostCall {
  plugin: HostedPlugin;
  /** Undefined asks for the names of the tools that the code defines. */
  tool: string | undefined;
  input: unknown;
  timeoutMs: number;
  /** Answers the plugin's questions. Its failures are told to the plugin. */
  broker: (method: string, args: readonly unknown[], signal: AbortSignal) => Promise<Result<unknown>>;
  onLog: (text: string) => void;
}
