import type { GroundQuery, GroundSource, Tool } from "../ports/tool.ts";
import type { Workspace } from "../workspace/index.ts";
import { type NamedPaths, namedPaths } from "./named-paths.ts";
import { rankPaths } from "./rank-paths.ts";
import { spansOf } from "./spans.ts";
import { type Spoken, spokenLately } from "./spoken.ts";
import { type Words, wordsOf } from "./words.ts";
import type { Paths } from "./workspace-paths.ts";

const mostValues = 300;
const mostFoldersAmongFiles = 100;
const weights = { person: 4, others: 1 };

/** The values that there are for arguments, the likeliest first. Each source is looked into once. */
export class Values {
  readonly #workspace: Workspace;
  readonly #spoken: readonly Spoken[];
  readonly #paths: Paths | undefined;
  readonly #known = new Map<GroundSource, Promise<readonly string[]>>();
  readonly #words: Words;
  readonly #rankings = new Map<keyof Paths, Promise<readonly string[]>>();
  #named: Promise<NamedPaths> | undefined;

  constructor(workspace: Workspace, { messages }: GroundQuery, paths: Paths | undefined) {
    this.#workspace = workspace;
    this.#spoken = spokenLately(messages);
    this.#words = wordsIn(this.#spoken);
    this.#paths = paths;
  }

  /** By argument; those without any value are left out. */
  async of({ grounding = {} }: Tool): Promise<Record<string, readonly string[]>> {
    const all = Object.entries(grounding).map(async ([name, source]) => [name, await this.#from(source)] as const);
    return Object.fromEntries((await Promise.all(all)).filter(([, values]) => values.length > 0));
  }

  #from(source: GroundSource): Promise<readonly string[]> {
    const known = this.#known.get(source) ?? this.#lookInto(source);
    this.#known.set(source, known);
    return known;
  }

  async #lookInto(source: GroundSource): Promise<readonly string[]> {
    if (typeof source === "object") return source.values.slice(0, mostValues);
    if (source === "conversation-span") return spansOf(this.#spoken, mostValues);
    if (this.#paths === undefined) return [];
    const paths = this.#paths;
    const named = await (this.#named ??= namedPaths(this.#spoken, paths, this.#workspace));
    const files = () => this.#ranked("files", paths);
    const folders = () => this.#ranked("folders", paths);
    switch (source) {
      case "existing-file":
        return firstOf(named.files, await files());
      case "folder":
        return firstOf([...named.folders, "."], await folders());
      case "existing-path":
        return firstOf(
          [...named.files, ...named.folders, "."],
          [...(await folders()).slice(0, mostFoldersAmongFiles), ...(await files())],
        );
    }
  }

  #ranked(kind: keyof Paths, paths: Paths): Promise<readonly string[]> {
    const known = this.#rankings.get(kind) ?? rankPaths([...paths[kind]], this.#words, mostValues);
    this.#rankings.set(kind, known);
    return known;
  }
}

function wordsIn(spoken: readonly Spoken[]): Words {
  return wordsOf(spoken.map(({ text }, index) => ({ text, weight: index === 0 ? weights.person : weights.others })));
}

const firstOf = (...lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())].slice(0, mostValues);
