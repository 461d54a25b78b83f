import type { ApprovalGate } from "@trust-cli/core/ports";
import type { ToolCall } from "@trust-cli/core/protocol";

/**
 * Whether a tool may run a very command line without being asked about: by a rule for the tool or one for run_command,
 * when the rules of neither forbid it.
 */
export function mayRunBy(gate: ApprovalGate): (tool: string, command: string) => boolean {
  return (tool, command) => {
    const asItself = gate.decide(callOf(tool, {}), "command", command, ["run_command"]);
    const asCommand = gate.decide(callOf("run_command", { command }), "command", command, [tool]);
    return asItself.effect === "allow" || asCommand.effect === "allow";
  };
}

const callOf = (name: string, args: Record<string, unknown>): ToolCall => ({
  id: "background",
  name,
  args,
  raw: "",
  via: "native",
  repairs: [],
});
