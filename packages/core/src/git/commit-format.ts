/** The types of Conventional Commits as the Angular convention lists them (conventionalcommits.org). */
export const commitTypes = [
  "feat",
  "fix",
  "docs",
  "style",
  "refactor",
  "perf",
  "test",
  "build",
  "ci",
  "chore",
  "revert",
] as const;
export type CommitType = (typeof commitTypes)[number];

export interface CommitMessage {
  type: CommitType;
  scope: string | undefined;
  breaking: boolean;
  subject: string;
  body: string | undefined;
}

/** Characters: what Git's own tools show of a first line, and where a body is wrapped. */
const longestHeader = 72;
const bodyWidth = 72;

const headerForm = /^([a-z]+)(?:\(([\w./@-]{1,30})\))?(!)?: (\S.*)$/i;

/** A message from text that a model wrote; undefined where it has not the form, and nothing is guessed. */
export function parseCommitMessage(text: string): CommitMessage | undefined {
  const [first = "", ...rest] = withoutWrapping(text).split("\n");
  const found = headerForm.exec(first.trim());
  const type = commitTypes.find((one) => one === found?.[1]?.toLowerCase());
  if (found === null || type === undefined) return undefined;
  const subject = tidySubject(found[4] ?? "");
  if (subject.length < 3) return undefined;
  const message = { type, scope: found[2]?.toLowerCase(), breaking: found[3] === "!", subject, body: bodyOf(rest) };
  return headerOf(message).length <= longestHeader ? message : undefined;
}

/** Models like to put fences, quotes or a sentence around what they were asked for. */
function withoutWrapping(text: string): string {
  const fenced = /```\w*\n([\s\S]*?)```/.exec(text)?.[1] ?? text;
  const lines = fenced.split("\n").map((line) => line.trimEnd());
  const start = lines.findIndex((line) => headerForm.test(line.trim().replace(/^["'`*]+/, "")));
  const kept = lines.slice(Math.max(0, start));
  kept[0] = (kept[0] ?? "").trim().replace(/^["'`*]+|["'`*]+$/g, "");
  return kept.join("\n").trim();
}

// oxlint-disable-next-line no-control-regex -- control characters are what is removed
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

const tidySubject = (subject: string): string => subject.replace(controls, "").trim().replace(/\.+$/, "");

function bodyOf(lines: readonly string[]): string | undefined {
  const text = lines
    .join("\n")
    .replace(controls, "")
    // A line that begins with # would be a comment to Git.
    .replaceAll(/^#+ ?/gm, "")
    .trim();
  return text === "" ? undefined : text.split("\n").map(wrap).join("\n");
}

function wrap(line: string): string {
  const rows: string[] = [];
  let row = "";
  for (const word of line.split(" ")) {
    if (row !== "" && row.length + word.length >= bodyWidth) {
      rows.push(row);
      row = word;
    } else row = row === "" ? word : `${row} ${word}`;
  }
  return [...rows, row].join("\n");
}

const headerOf = ({ type, scope, breaking, subject }: CommitMessage): string =>
  `${type}${scope === undefined ? "" : `(${scope})`}${breaking ? "!" : ""}: ${subject}`;

/** The text for Git, without a last newline. */
export function formatCommitMessage(message: CommitMessage): string {
  const header = headerOf(message);
  return message.body === undefined ? header : `${header}\n\n${message.body}`;
}

/** Shortens a subject at a word, so that the header fits. */
export function fitSubject(message: CommitMessage): CommitMessage {
  const room = longestHeader - (headerOf(message).length - message.subject.length);
  if (message.subject.length <= room) return message;
  const cut = message.subject.slice(0, room - 1);
  const atWord = cut.includes(" ") ? cut.slice(0, cut.lastIndexOf(" ")) : cut;
  return { ...message, subject: `${atWord}…` };
}
