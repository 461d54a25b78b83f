import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import type { PlanStep } from "../src/messages.ts";
import { Banner } from "./banner.tsx";
import { Composer } from "./composer.tsx";
import { Markdown } from "./markdown.tsx";
import { type ChatState, type Item, openPlan, openQuestion } from "./state.ts";
import { ToolCardView } from "./tool-card.tsx";

export function App({ state }: { state: ChatState }): VNode {
  const log = useStickToEnd(state.items);
  return (
    <main>
      <div class="log" role="log" aria-label="Conversation" tabIndex={0} ref={log}>
        {state.items.length === 0 ? <EmptyState state={state} /> : null}
        {state.items.map((item, index) => (
          <ItemView key={index} item={item} />
        ))}
        {state.isWorking ? <Working state={state} /> : null}
      </div>
      <Plan steps={openPlan(state)} />
      <Banner status={state.status} />
      <Composer state={state} />
    </main>
  );
}

function ItemView({ item }: { item: Item }): VNode {
  switch (item.kind) {
    case "user":
      return (
        <section class="user" aria-label="You">
          {item.text}
          {item.file === undefined ? null : <span class="muted"> {item.file}</span>}
        </section>
      );
    case "answer":
      return (
        <section aria-label="Trust">
          <Markdown text={item.text} />
        </section>
      );
    case "thought":
      return (
        <details class="thought">
          <summary>Reasoning</summary>
          <Markdown text={item.text} />
        </details>
      );
    case "tool":
      return <ToolCardView card={item} />;
    case "notice":
      return <p class="notice muted">{item.text}</p>;
    case "error":
      return (
        <p class="error" role="alert">
          <span aria-hidden="true">✗ </span>
          {item.text}
        </p>
      );
  }
}

const marks: Record<PlanStep["status"], string> = { pending: "○", in_progress: "◐", completed: "●" };
const stepWords: Record<PlanStep["status"], string> = { pending: "to do", in_progress: "at work", completed: "done" };

function Plan({ steps }: { steps: readonly PlanStep[] }): VNode | null {
  if (steps.length === 0) return null;
  return (
    <ul class="plan" aria-label="Plan">
      {steps.map(({ text, status }, index) => (
        <li key={index} class={status === "completed" ? "muted" : ""}>
          <span aria-label={stepWords[status]}>{marks[status]}</span> {text}
        </li>
      ))}
    </ul>
  );
}

function EmptyState({ state: { about, status } }: { state: ChatState }): VNode {
  return (
    <div class="empty">
      <h1>Trust</h1>
      {about === undefined ? null : (
        <p>
          {[about.model, about.note].filter(Boolean).join(" · ")}
          <br />
          {about.isLocal === true ? "Local only: nothing leaves this machine." : null}
          {about.isLocal === false ? "This model runs on a server." : null}
        </p>
      )}
      {status.state === "starting" ? <p role="status">Starting</p> : null}
      <p class="muted">Ask about the code in this folder. Changes are shown before they are made, and you decide.</p>
    </div>
  );
}

/** Nothing goes on while a question waits for its answer. */
function Working({ state }: { state: ChatState }): VNode | null {
  if (openQuestion(state) !== undefined) return null;
  const text = state.status.state === "starting" ? "Starting" : "Working";
  return (
    <p class="working muted" role="status">
      <span class="dot" aria-hidden="true" /> {text}
    </p>
  );
}

/** Follows what is written, unless the person has scrolled away from it. */
function useStickToEnd(items: ChatState["items"]): { current: HTMLDivElement | null } {
  const log = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const follow = (): void => {
    if (isAtEnd.current) log.current?.scrollTo({ top: log.current.scrollHeight });
  };
  useEffect(() => {
    const element = log.current;
    if (element === null) return undefined;
    const note = (): void => {
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    };
    element.addEventListener("scroll", note);
    const resized = new ResizeObserver(follow);
    resized.observe(element);
    return () => {
      element.removeEventListener("scroll", note);
      resized.disconnect();
    };
  }, []);
  useLayoutEffect(follow, [items]);
  return log;
}
