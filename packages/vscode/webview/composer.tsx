import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { baseName } from "../src/base-name.ts";
import type { SessionOption } from "../src/messages.ts";
import { saveDraft, savedDraft, send } from "./host.ts";
import type { ChatState } from "./state.ts";

/** The input and what belongs to the next message: the attached file, the model and the mode. */
export function Composer({ state }: { state: ChatState }): VNode {
  const [draft, setDraft] = useDraft();
  const [isAttached, setAttached] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (state.focus > 0) input.current?.focus();
  }, [state.focus]);
  const submit = (): void => {
    if (state.isWorking || draft.trim() === "") return;
    send({ type: "prompt", text: draft.trim(), attach: isAttached && state.activeFile !== "" });
    setDraft("");
    setAttached(false);
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="field">
        <textarea
          ref={input}
          rows={2}
          value={draft}
          aria-label="Ask Trust"
          placeholder="Ask about this code"
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => onInputKey(event, state.isWorking, submit)}
        />
        <div class="field-bar">
          <Attachment name={state.activeFile} isAttached={isAttached} toggle={() => setAttached(!isAttached)} />
          <SendOrStop isWorking={state.isWorking} isEmpty={draft.trim() === ""} />
        </div>
      </div>
      <Options state={state} />
    </form>
  );
}

/** What is typed survives that the view is hidden. */
function useDraft(): [string, (text: string) => void] {
  const [draft, setDraft] = useState(savedDraft);
  const change = (text: string): void => {
    setDraft(text);
    saveDraft(text);
  };
  return [draft, change];
}

/** Enter sends, with Shift it begins a line; Escape stops. */
function onInputKey(event: KeyboardEvent, isWorking: boolean, submit: () => void): void {
  if (event.key === "Escape" && isWorking) send({ type: "cancel" });
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
}

function SendOrStop({ isWorking, isEmpty }: { isWorking: boolean; isEmpty: boolean }): VNode {
  if (!isWorking) {
    return (
      <button type="submit" disabled={isEmpty}>
        Send
      </button>
    );
  }
  return (
    <button type="button" class="secondary" onClick={() => send({ type: "cancel" })}>
      Stop
    </button>
  );
}

function Options({ state }: { state: ChatState }): VNode {
  return (
    <div class="options">
      {state.options.map((option) => (
        <OptionSelect key={option.id} option={option} />
      ))}
      <ContextMeter usage={state.usage} />
    </div>
  );
}

function Attachment(props: { name: string; isAttached: boolean; toggle: () => void }): VNode {
  const { name, isAttached, toggle } = props;
  if (name === "") return <span />;
  return (
    <button type="button" class="quiet attach" aria-pressed={isAttached} title={name} onClick={toggle}>
      {isAttached ? "✓" : "+"} {baseName(name)}
    </button>
  );
}

function OptionSelect({ option }: { option: SessionOption }): VNode {
  return (
    <select
      aria-label={option.name}
      title={option.name}
      value={option.value}
      onChange={(event) => send({ type: "set-option", id: option.id, value: event.currentTarget.value })}
    >
      {option.choices.map(({ value, name, description }) => (
        <option key={value} value={value} title={description}>
          {name}
        </option>
      ))}
    </select>
  );
}

function ContextMeter({ usage }: { usage: ChatState["usage"] }): VNode | null {
  if (usage === undefined || usage.size === 0) return null;
  const percent = Math.round((100 * usage.used) / usage.size);
  const text = `${usage.used.toLocaleString("en")} of ${usage.size.toLocaleString("en")} tokens of the context window are used`;
  return (
    <span class="meter" title={text}>
      <meter value={usage.used} max={usage.size} aria-label={text} />
      {percent}% of {Math.round(usage.size / 1024)}k
    </span>
  );
}
