import { shellWord } from "../protocol/words.ts";

/** The hooks that Trust has something to do in. */
export const ownHooks = ["prepare-commit-msg", "pre-commit"] as const;
export type OwnHook = (typeof ownHooks)[number];

/**
 * Client-side hooks whose mere presence changes nothing. They are passed on to the folder that was in charge before,
 * also when someone puts a new hook there later. Hooks that exist only to be found, such as `push-to-checkout`, are
 * passed on only where they were.
 */
export const passedHooks = [
  "applypatch-msg",
  "pre-applypatch",
  "post-applypatch",
  "pre-merge-commit",
  "commit-msg",
  "post-commit",
  "pre-rebase",
  "post-checkout",
  "post-merge",
  "pre-push",
  "post-rewrite",
  "pre-auto-gc",
  "sendemail-validate",
] as const;

/** The exit status by which a hook of ours stops a commit: a program that cannot even start must not. */
export const hookStopped = 20;

/** How a hook calls Trust: the program and its first argument. */
export interface HookProgram {
  node: string;
  script: string;
}

/**
 * The text of a hook. `before` is the folder that was in charge, as Git was told it: relative ones count from the
 * work tree, where hooks run. Undefined: the repository's own `hooks` folder, found from where this script lies.
 */
export function hookScript(name: string, before: string | undefined, program: HookProgram): string {
  const folder = before === undefined ? '"${0%/*}/../hooks"' : shellWord(before);
  const lines = [
    "#!/bin/sh",
    "# Made by: trust hooks install. Remove with: trust hooks uninstall",
    `before=${folder}/${name}`,
    'if [ -x "$before" ]; then',
    '  "$before" "$@" || exit $?',
    "fi",
  ];
  const own = ownHooks.find((one) => one === name);
  return `${[...lines, ...(own === undefined ? [] : ownPart(own, program))].join("\n")}\n`;
}

function ownPart(name: OwnHook, { node, script }: HookProgram): string[] {
  return [
    '[ "$TRUST_HOOKS" = 0 ] && exit 0',
    // A message that Git already has, or that nobody will see in an editor, needs no suggestion.
    ...(name === "prepare-commit-msg" ? ['{ [ -n "$2" ] || [ "$GIT_EDITOR" = : ]; } && exit 0'] : []),
    `if [ -x ${shellWord(node)} ] && [ -f ${shellWord(script)} ]; then`,
    `  ${shellWord(node)} ${shellWord(script)} hook ${name} "$@"`,
    "  status=$?",
    `  [ $status -eq ${hookStopped} ] && exit 1`,
    `  [ $status -eq 0 ] || echo "trust ended with status $status; its hook was skipped" >&2`,
    "else",
    `  echo "trust is no longer at ${script.replaceAll(/["$`\\]/g, "")}; its hook was skipped. Run: trust hooks install" >&2`,
    "fi",
    "exit 0",
  ];
}
