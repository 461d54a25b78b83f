import type { VNode } from "preact";

import type { AgentStateName, ViewCommand } from "../src/messages.ts";
import { send } from "./host.ts";
import type { ChatState } from "./state.ts";

interface Words {
  title: string;
  actions: [label: string, command: ViewCommand][];
}

const words: Partial<Record<AgentStateName, Words>> = {
  missing: {
    title: "Trust is not found",
    actions: [
      ["Set path", "trust.setCliPath"],
      ["Try again", "trust.restart"],
      ["Show log", "trust.showLog"],
    ],
  },
  failed: {
    title: "Trust stopped",
    actions: [
      ["Restart", "trust.restart"],
      ["Show log", "trust.showLog"],
    ],
  },
  stopped: { title: "Trust stopped", actions: [["Show log", "trust.showLog"]] },
  restricted: { title: "Restricted Mode", actions: [["Manage workspace trust", "workbench.trust.manage"]] },
  "no-folder": { title: "No folder is open", actions: [["Open folder", "workbench.action.files.openFolder"]] },
};

/** Why there is no agent, and what to do about it. */
export function Banner({ status }: { status: ChatState["status"] }): VNode | null {
  const found = words[status.state];
  if (found === undefined) return null;
  return (
    <div class="banner" role="alert">
      <strong>{found.title}</strong>
      <p>{status.detail}</p>
      <div class="answers">
        {found.actions.map(([label, command], index) => (
          <button
            key={command}
            type="button"
            class={index === 0 ? "" : "secondary"}
            onClick={() => send({ type: "command", command })}
          >
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}
