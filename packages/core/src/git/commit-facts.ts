import { basename, dirname } from "node:path/posix";

import { oneLine } from "../protocol/words.ts";
import { type CommitMessage, type CommitType, fitSubject } from "./commit-format.ts";
import { isLockFile, type StagedFile } from "./staged-diff.ts";

const kindsOfFile: readonly [CommitType, RegExp][] = [
  ["ci", /^(\.github\/workflows|\.circleci|\.ci)\/|(^|\/)(\.gitlab-ci\.yml|Jenkinsfile|azure-pipelines\.yml)$/],
  ["test", /(^|\/)(tests?|__tests__|spec)\/|[._](test|spec|e2e)\.[a-z]+$|(^|\/)test_[^/]+\.py$|_test\.go$/],
  ["docs", /(^|\/)docs?\/|\.(md|mdx|rst|adoc)$|(^|\/)(LICENSE|AUTHORS|CHANGELOG)[^/]*$/],
  ["build", /(^|\/)(Dockerfile|Makefile|CMakeLists\.txt|build\.gradle(\.kts)?|pom\.xml)$/],
];

/** The type that the paths alone decide, where all of them agree. */
export function typeFromPaths(files: readonly StagedFile[]): CommitType | undefined {
  if (files.length > 0 && files.every(({ path }) => isLockFile(path))) return "build";
  const read = files.filter(({ path }) => !isLockFile(path));
  const [first, ...rest] = read.map(({ path }) => kindsOfFile.find(([, form]) => form.test(path))?.[0]);
  return rest.every((type) => type === first) ? first : undefined;
}

/** A plain message that says only what is certain, for when no model wrote a usable one. */
export function messageFromFacts(files: readonly StagedFile[]): CommitMessage {
  const onlyAdded = files.every(({ change }) => change === "added");
  const type = typeFromPaths(files) ?? (onlyAdded ? "feat" : "chore");
  return fitSubject({ type, scope: undefined, breaking: false, subject: subjectOf(files), body: undefined });
}

const verbs: Readonly<Record<StagedFile["change"], string>> = {
  added: "add",
  modified: "update",
  deleted: "remove",
  renamed: "rename",
  copied: "copy",
  retyped: "change the type of",
  unmerged: "merge",
};

function subjectOf(files: readonly StagedFile[]): string {
  const [first] = files;
  if (first === undefined) return "record an empty change";
  const changes = new Set(files.map(({ change }) => change));
  const verb = changes.size === 1 ? verbs[first.change] : "change";
  if (files.length > 1) return `${verb} ${files.length} files${placeOf(files)}`;
  if (first.change === "renamed") return `rename ${oneLine(basename(first.oldPath ?? ""))} to ${oneLine(first.path)}`;
  return `${verb} ${oneLine(first.path)}`;
}

/** The deepest folder that holds all of them. */
function placeOf(files: readonly StagedFile[]): string {
  const [first = [], ...rest] = files.map(({ path }) => dirname(path).split("/"));
  const shared: string[] = [];
  for (const [index, part] of first.entries()) {
    if (part === "." || !rest.every((parts) => parts[index] === part)) break;
    shared.push(part);
  }
  return shared.length === 0 ? "" : ` in ${oneLine(shared.join("/"))}`;
}
