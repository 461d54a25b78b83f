import type { VNode } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import type { Answer } from "../src/messages.ts";
import { send } from "./host.ts";
import type { Question } from "./state.ts";

/** A key or click that was on its way before the question was drawn decides nothing. */
const guardMilliseconds = 300;

export function QuestionPanel({ question }: { question: Question }): VNode {
  const { id, rule, warning, answers } = question;
  const [isArmed, setArmed] = useState(false);
  const heading = useId();
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.scrollIntoView({ block: "nearest" });
    const timer = setTimeout(() => setArmed(true), guardMilliseconds);
    return () => clearTimeout(timer);
  }, []);
  const choose = (answer: Answer): void => {
    if (!isArmed) return;
    send({ type: "answer", id, optionId: answer.optionId, save: answer.save ?? false });
    // The button goes away; without this, whoever uses the keyboard would be nowhere.
    panel.current?.closest("main")?.querySelector("textarea")?.focus();
  };
  return (
    <div ref={panel} class="question" role="alertdialog" aria-labelledby={heading}>
      <p id={heading}>Allow this?</p>
      {warning === undefined ? null : <p class="warning">{warning}</p>}
      <div class="answers">
        {answers.map((answer, index) => (
          <button
            key={answer.name}
            type="button"
            class={answer.kind === "allow" && index === 0 ? "" : "secondary"}
            onClick={() => choose(answer)}
          >
            {answer.name}
          </button>
        ))}
      </div>
      {rule === undefined ? null : <p class="muted">Asked because: {rule}</p>}
    </div>
  );
}
