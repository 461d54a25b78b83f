import { executeCall } from "@trust-cli/core/engine";
import { systemClock, type Tool } from "@trust-cli/core/ports";
import { exitStatus, parseUnknownJson, type ToolCall, type ToolMessage, TrustError } from "@trust-cli/core/protocol";
import { toolSignature } from "@trust-cli/core/tools";

import { type App, createApp, createAppToLook } from "../composition/app.ts";
import { askAtTerminal } from "../print/ask-at-terminal.ts";
import { writeNotice } from "../print/output.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";
import { interruptSignal } from "./interrupt.ts";

export const toolsCommand: CommandModule = {
  register(program, run) {
    const tools = program.command("tools").description("the tools a model may call");
    const list = tools
      .command("list")
      .description("every tool with what it does")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust tools list");
    list.action(() => run(() => listTools(sharedOptions(list))));
    const show = tools
      .command("show <name>")
      .description("one tool with its parameters")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust tools show read_file");
    show.action((name: string) => run(() => showTool(name, sharedOptions(show))));
    const call = tools
      .command("call <name> <arguments>")
      .description("run a tool by hand, through the same checks and approval as a model's call")
      .option("--yes", "approve this call")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", `\nExample:\n  trust tools call read_file '{"path": "package.json"}'`);
    call.action((name: string, args: string) => run(() => callTool(name, args, sharedOptions(call))));
  },
};

async function listTools(options: SharedOptions): Promise<number> {
  const tools = (await createAppToLook(options)).toolsFor(undefined);
  const rows = tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    risk: tool.risk,
    origin: originOf(tool),
  }));
  printResult(options.json, rows, () => rows.map(rowText).join(""));
  return 0;
}

const originOf = (tool: Tool): string => ("origin" in tool ? String(tool.origin) : "trust");

function rowText({
  name,
  description,
  risk,
  origin,
}: Record<"name" | "description" | "risk" | "origin", string>): string {
  return `${name.padEnd(16)} ${risk.padEnd(8)} ${description}${origin === "trust" ? "" : ` (${origin})`}\n`;
}

async function showTool(name: string, options: SharedOptions): Promise<number> {
  const tool = findTool(await createAppToLook(options), name);
  const signature = { ...toolSignature(tool), risk: tool.risk };
  printResult(options.json, signature, () => `${JSON.stringify(signature, undefined, 2)}\n`);
  return 0;
}

function findTool(app: App, name: string): Tool {
  const tools = app.toolsFor(undefined);
  const tool = tools.find((one) => one.name === name);
  if (tool !== undefined) return tool;
  const names = tools.map((one) => one.name).join(", ");
  throw new TrustError("TOOL_UNKNOWN", `there is no tool named ${name}`, { hint: `the tools are ${names}` });
}

async function callTool(name: string, argumentsText: string, options: SharedOptions): Promise<number> {
  const interactive = options.yes === true || process.stdin.isTTY;
  const app = await createApp(options, interactive);
  for (const notice of app.resolved.notices) writeNotice(notice);
  const tool = findTool(app, name);
  const call: ToolCall = {
    id: "call_1",
    name: tool.name,
    args: parseArguments(argumentsText),
    raw: argumentsText,
    via: "native",
    repairs: [],
  };
  using interrupt = interruptSignal();
  const dependencies = { tools: app.toolsFor(undefined), gate: app.gate, clock: systemClock };
  app.journal.begin({ title: `trust tools call ${tool.name}` });
  const events = executeCall(call, dependencies, interrupt.signal);
  while (true) {
    const next = await events.next();
    if (next.done === true) return printOutcome(next.value, options);
    if (next.value.type === "approval-start") {
      const { request } = next.value;
      app.approvals.expect(request);
      const decision =
        options.yes === true ? ({ decision: "yes" } as const) : await askAtTerminal(request, interrupt.signal);
      app.approvals.decide(call.id, decision);
    }
  }
}

function parseArguments(text: string): Record<string, unknown> {
  const value = parseUnknownJson(text, "the argument list");
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new TrustError("INPUT_INVALID", "the arguments must be a JSON object", {
    hint: `for example: '{"path": "package.json"}'`,
  });
}

const statusOf = { ok: exitStatus.done, failed: exitStatus.failed, refused: exitStatus.refused } as const;

function printOutcome({ name, status, summary, text }: ToolMessage, options: SharedOptions): number {
  printResult(options.json, { name, status, summary, text }, () => `${text}\n`);
  return statusOf[status];
}
