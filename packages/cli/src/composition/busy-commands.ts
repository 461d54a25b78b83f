import { tellHosts } from "@trust-cli/core/models";
import type { Tool } from "@trust-cli/core/ports";
import { ok } from "@trust-cli/core/protocol";

let running = 0;

/** The tools; while one of them runs a command, model hosts leave it a core. */
export function withBusyCores(tools: readonly Tool[]): Tool[] {
  return tools.map((tool) => (tool.risk === "command" ? leavingACore(tool) : tool));
}

function leavingACore(tool: Tool): Tool {
  return {
    ...tool,
    async prepare(input, signal) {
      const prepared = await tool.prepare(input, signal);
      if (!prepared.ok) return prepared;
      return ok({
        ...prepared.value,
        run: async (...how) => {
          tellHosts({ type: "busy", cores: ++running });
          try {
            return await prepared.value.run(...how);
          } finally {
            tellHosts({ type: "busy", cores: --running });
          }
        },
      });
    },
  };
}
