import * as vscode from "vscode";

import type { AgentState } from "./agent-supervisor.ts";
import type { AgentStateName } from "./messages.ts";

export interface StatusFacts {
  state: AgentState;
  model: string | undefined;
  mode: string | undefined;
  isWorking: boolean;
  isWaiting: boolean;
}

const words: Record<AgentStateName, { icon: string; text: string }> = {
  idle: { icon: "shield", text: "Trust" },
  starting: { icon: "loading~spin", text: "Trust: starting" },
  ready: { icon: "shield", text: "Trust" },
  stopped: { icon: "warning", text: "Trust: stopped" },
  failed: { icon: "error", text: "Trust: stopped" },
  missing: { icon: "error", text: "Trust: not found" },
  restricted: { icon: "shield", text: "Trust: restricted" },
  "no-folder": { icon: "shield", text: "Trust: no folder" },
};

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("trust.status", vscode.StatusBarAlignment.Right, 100);

  constructor() {
    this.#item.name = "Trust";
    this.#item.command = "trust.menu";
    this.#item.show();
  }

  show(facts: StatusFacts): void {
    const { state } = facts;
    this.#item.text = statusText(facts);
    this.#item.tooltip = [state.detail, facts.model && `Model: ${facts.model}`, facts.mode && `Mode: ${facts.mode}`]
      .filter(Boolean)
      .join("\n");
    const background = backgroundOf(facts);
    this.#item.backgroundColor = background === undefined ? undefined : new vscode.ThemeColor(background);
  }

  dispose(): void {
    this.#item.dispose();
  }
}

function statusText({ state, model, isWorking, isWaiting }: StatusFacts): string {
  const { icon, text } = words[state.name];
  if (state.name !== "ready") return `$(${icon}) ${text}`;
  if (isWaiting) return "$(question) Trust: asks";
  return `$(${isWorking ? "loading~spin" : icon}) ${model === undefined ? text : `Trust: ${model}`}`;
}

function backgroundOf({ state, isWaiting }: StatusFacts): string | undefined {
  if (state.name === "failed" || state.name === "missing") return "statusBarItem.errorBackground";
  if (state.name === "stopped" || isWaiting) return "statusBarItem.warningBackground";
  return undefined;
}
