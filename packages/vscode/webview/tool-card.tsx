import type { VNode } from "preact";
import { useId, useMemo, useState } from "preact/hooks";

import { baseName } from "../src/base-name.ts";
import type { ToolPart } from "../src/messages.ts";
import { send } from "./host.ts";
import { countOf, diffLines, hunksOf } from "./line-diff.ts";
import { FileLink, Markdown } from "./markdown.tsx";
import { QuestionPanel } from "./question-panel.tsx";
import type { CardStatus, ToolCard } from "./state.ts";

const signs: Record<CardStatus | "waiting", { glyph: string; word: string }> = {
  waiting: { glyph: "○", word: "waiting" },
  pending: { glyph: "◐", word: "running" },
  in_progress: { glyph: "◐", word: "running" },
  completed: { glyph: "●", word: "done" },
  failed: { glyph: "✗", word: "failed" },
  denied: { glyph: "⊘", word: "denied" },
  stopped: { glyph: "⊘", word: "stopped" },
};

/** One line; opens on a click, and by itself while there is a question. */
export function ToolCardView({ card }: { card: ToolCard }): VNode {
  const [isOpened, setOpened] = useState(false);
  const panel = useId();
  const { question } = card;
  const isOpen = isOpened || question !== undefined;
  const { glyph, word } = signs[question === undefined ? card.status : "waiting"];
  const [name = "", ...words] = card.title.split(" ");
  const subject = words.join(" ");
  const isRepeated = isOpen && card.parts.some((part) => mentions(part, subject));
  return (
    <section class={`card ${question === undefined ? card.status : "waiting"}`} aria-label={`${card.title}, ${word}`}>
      <button
        type="button"
        class="card-line"
        aria-expanded={isOpen}
        aria-controls={panel}
        onClick={() => setOpened(!isOpened)}
      >
        <span class="glyph" aria-hidden="true">
          {glyph}
        </span>
        <span class="card-name">{name}</span>
        <span class="card-subject">{isRepeated ? "" : subject}</span>
        <Changes parts={card.parts} />
        <span class="card-word">{card.status === "completed" ? "" : word}</span>
      </button>
      <div id={panel} hidden={!isOpen} class="card-panel">
        {isOpen ? <Details card={card} subject={subject} /> : null}
        {question === undefined ? null : (
          <QuestionPanel key={`${question.id} ${question.warning}`} question={question} />
        )}
      </div>
      {card.reason === undefined ? null : <p class="reason">{card.reason}</p>}
    </section>
  );
}

/** What the opened card shows anyway is not said twice. */
const mentions = (part: ToolPart, subject: string): boolean =>
  part.type === "diff" ? part.path.endsWith(subject) : part.text.includes(subject);

function Details({ card, subject }: { card: ToolCard; subject: string }): VNode {
  return (
    <>
      {card.parts.map((part, index) =>
        part.type === "diff" ? (
          <DiffPart key={index} part={part} name={mentions(part, subject) ? subject : part.path} toolId={card.id} />
        ) : (
          <div key={index} class="output">
            <Markdown text={part.text} />
          </div>
        ),
      )}
      {card.parts.length > 0 ? null : <Locations card={card} />}
    </>
  );
}

function Locations({ card }: { card: ToolCard }): VNode {
  if (card.locations.length === 0) return <p class="muted">Nothing to show.</p>;
  return (
    <ul class="locations">
      {card.locations.map(({ path, line }, index) => (
        <li key={index}>
          <FileLink path={path} line={line === undefined ? undefined : String(line)} label={baseName(path)} />
        </li>
      ))}
    </ul>
  );
}

type DiffPart = Extract<ToolPart, { type: "diff" }>;

const linesOf = (part: DiffPart) => diffLines(part.oldText ?? "", part.newText);

function Changes({ parts }: { parts: readonly ToolPart[] }): VNode | null {
  const lines = useMemo(() => parts.flatMap((part) => (part.type === "diff" ? linesOf(part) : [])), [parts]);
  if (lines.length === 0) return null;
  const [added, removed] = [countOf(lines, "+"), countOf(lines, "-")];
  return (
    <span class="changes" aria-label={`${added} lines added, ${removed} removed`}>
      <span class="added">+{added}</span> <span class="removed">−{removed}</span>
    </span>
  );
}

function DiffPart({ part, name, toolId }: { part: DiffPart; name: string; toolId: string }): VNode {
  const hunks = useMemo(() => hunksOf(linesOf(part)), [part]);
  return (
    <figure class="diff">
      <figcaption>
        <span title={part.path}>
          {name}
          {part.oldText === undefined ? " (new file)" : ""}
        </span>
        <button type="button" class="quiet" onClick={() => send({ type: "open-diff", toolId })}>
          Open diff
        </button>
      </figcaption>
      <pre tabIndex={0}>
        {hunks.map((hunk, index) => (
          <div key={index} class="hunk">
            <div class="hunk-line">Line {hunk.line}</div>
            {hunk.lines.map(({ sign, text }, row) => (
              <div key={row} class={lineClasses[sign]}>
                {sign === "-" ? "−" : sign} {text}
              </div>
            ))}
          </div>
        ))}
      </pre>
    </figure>
  );
}

const lineClasses = { "+": "line added", "-": "line removed", " ": "line" } as const;
