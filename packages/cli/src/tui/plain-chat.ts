import { createInterface } from "node:readline";

import type { ApprovalDecision, ApprovalRequest } from "@trust-cli/core/protocol";

import type { ChatRunner } from "./chat-runner.ts";
import { requestLines } from "./components/approval-dialog.ts";
import { blockLines } from "./components/block-lines.ts";
import { reveal } from "./sanitise.ts";
import type { Store } from "./state/store.ts";
import { type ChatView, isRunning } from "./state/view.ts";
import type { Paint } from "./text/theme.ts";

/** Where the terminal does not say how wide it is. */
const usualColumns = 80;

export interface PlainChatParts {
  view: Store<ChatView, never>;
  runner: ChatRunner;
  paint: Paint;
  addHistory: (text: string) => void;
}

/** The chat for terminals that cannot move the cursor (`TERM=dumb`): finished blocks and one line of input at a time. */
export async function runPlainChat(parts: PlainChatParts): Promise<void> {
  const { view, runner } = parts;
  const lines = createInterface({ input: process.stdin, terminal: false });
  const printer = new PlainPrinter(parts);
  const interrupt = (): void => (isRunning(view.current()) ? void runner.cancel() : lines.close());
  const unsubscribe = view.subscribe(() => (view.current().isLeaving ? lines.close() : printer.print()));
  process.on("SIGINT", interrupt);
  lines.on("line", (line) => takeLine(parts, line));
  printer.print();
  void runner.warmUp();
  await new Promise<void>((resolve) => lines.once("close", resolve));
  unsubscribe();
  process.off("SIGINT", interrupt);
  runner.cancel();
}

function takeLine({ view, runner, addHistory }: PlainChatParts, line: string): void {
  const [request] = view.current().approvals;
  const text = line.trim();
  if (request === undefined) {
    if (text === "") return;
    addHistory(text);
    runner.send(text);
    return;
  }
  const decision = readDecision(text);
  if (decision === undefined) process.stdout.write(question(request));
  else runner.decide(request.call.id, decision);
}

const question = ({ grant }: ApprovalRequest): string =>
  `yes (y), yes, and ${reveal(grant).replaceAll("\n", " ")} for this session (s), no (n, and why): `;

/** Only a clear yes is a yes. */
function readDecision(text: string): ApprovalDecision | undefined {
  const [, word, reason = ""] = /^(\w+)\s*(.*)$/.exec(text) ?? [];
  if (word === "y" || word === "yes") return { decision: "yes" };
  if (word === "s") return { decision: "yes-session" };
  return word === "n" || word === "no" ? { decision: "no", reason } : undefined;
}

/** Prints what is finished, then what the person is asked, each once. */
class PlainPrinter {
  readonly #parts: PlainChatParts;
  #printed = 0;
  #asked: string | undefined;

  constructor(parts: PlainChatParts) {
    this.#parts = parts;
  }

  print(): void {
    const view = this.#parts.view.current();
    const before = this.#printed;
    this.#blocks(view);
    const [request] = view.approvals;
    if (request !== undefined) this.#ask(request);
    else if (!isRunning(view) && this.#printed > before) process.stdout.write("\n› ");
  }

  #blocks({ committed }: ChatView): void {
    for (; this.#printed < committed.length; this.#printed += 1) {
      const block = committed[this.#printed];
      // The terminal shows what was typed by itself.
      if (block === undefined || block.kind === "user") continue;
      this.#write(blockLines(block, committed[this.#printed - 1], columns()));
    }
  }

  #ask(request: ApprovalRequest): void {
    const { call, subject, rule } = request;
    if (this.#asked === call.id) return;
    this.#asked = call.id;
    process.stdout.write(`\n  ${reveal(call.name)}  ${reveal(subject)}\n`);
    this.#write(requestLines(request, columns()));
    process.stdout.write(`  asked because: ${reveal(rule)}\n  ${question(request)}`);
  }

  #write(lines: Parameters<Paint>[0]): void {
    process.stdout.write(`${this.#parts.paint(lines)}\n`);
  }
}

const columns = (): number => process.stdout.columns || usualColumns;
