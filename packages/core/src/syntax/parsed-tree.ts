import type { LanguageTables } from "./language-tables.ts";

/** A visible node. `from` and `to` count UTF-16 units of the text. */
export interface TreeNode {
  type: number;
  /** The number of its field in its parent; 0: none. */
  field: number;
  from: number;
  to: number;
  isMissing: boolean;
  /** Where its children lie in memory; 0: it has none. */
  data: number;
  /** Where it begins together with the blanks before it, in bytes. */
  position: number;
}

interface Subtree extends TreeNode {
  /** Where the next one begins, in bytes. */
  end: number;
  isVisible: boolean;
  isExtra: boolean;
}

interface Found {
  nodes: TreeNode[];
  /** The bits of leaves that are left out. */
  left: number;
}

/** Of a leaf in its slot: inline, visible, not named, not extra, not missing. */
const signMask = 1 | 2 | 4 | 8 | 32;
const signBits = 1 | 2;
const none = -1;

export const errorType = 0xffff;

/**
 * Reads a tree where it lies in tree-sitter's memory: the cursor of the library takes as long as the parser.
 * Offsets are those of `SubtreeHeapData`, `SubtreeInlineData` and `TSTree` in tree-sitter 0.25.
 */
export class ParsedTree {
  readonly #tables: LanguageTables;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  readonly root: TreeNode;

  /** `memory` must not grow while the tree is read. */
  constructor(memory: ArrayBuffer, tree: number, tables: LanguageTables) {
    this.#tables = tables;
    this.#words = new Uint32Array(memory);
    this.#halves = new Uint16Array(memory);
    this.root = this.#read(tree, 0);
  }

  /** The visible children, those of hidden nodes between included, in order; without most signs and keywords. */
  children(node: TreeNode): TreeNode[] {
    return this.#childrenOf(node, signBits);
  }

  /** The visible children with every sign and keyword. */
  allChildren(node: TreeNode): TreeNode[] {
    return this.#childrenOf(node, none);
  }

  #childrenOf({ data, position }: TreeNode, left: number): TreeNode[] {
    const nodes: TreeNode[] = [];
    if (data !== 0) this.#collect(data, position, 0, { nodes, left });
    return nodes;
  }

  #collect(data: number, start: number, outerField: number, found: Found): void {
    const { width, aliases, fields } = this.#tables;
    let cell = this.#half(data + 66) * width;
    const lastCell = cell + width - 1;
    let position = start;
    for (let slot = data - 8 * this.#word(data + 36); slot < data; slot += 8) {
      const alias = aliases[cell] ?? 0;
      if (alias === 0 && (this.#word(slot) & signMask) === found.left) {
        const sizes = this.#word(slot + 4);
        position += ((sizes >> 16) & 0xff) + (sizes >>> 24);
        cell = Math.min(cell + 1, lastCell);
        continue;
      }
      const child = this.#read(slot, position);
      position = child.end;
      if (!child.isExtra) {
        if (alias !== 0) child.type = alias;
        child.isVisible ||= alias !== 0;
        child.field = (fields[cell] ?? 0) || outerField;
        cell = Math.min(cell + 1, lastCell);
      }
      if (child.isVisible) found.nodes.push(child);
      else if (child.data !== 0) this.#collect(child.data, child.position, child.field, found);
    }
  }

  #read(slot: number, position: number): Subtree {
    const data = this.#word(slot);
    return (data & 1) === 1 ? this.#readInline(slot, data, position) : this.#readHeap(data, position);
  }

  /** A small leaf in the eight bytes of its slot. */
  #readInline(slot: number, word: number, position: number): Subtree {
    const sizes = this.#word(slot + 4);
    const from = position + ((sizes >> 16) & 0xff);
    const end = from + (sizes >>> 24);
    return {
      type: (word >> 8) & 0xff,
      field: 0,
      from: from >> 1,
      to: end >> 1,
      isMissing: (word & 32) !== 0,
      data: 0,
      position,
      end,
      isVisible: (word & 2) !== 0,
      isExtra: (word & 8) !== 0,
    };
  }

  #readHeap(data: number, position: number): Subtree {
    const from = position + this.#word(data + 4);
    const end = from + this.#word(data + 16);
    const flags = this.#half(data + 44);
    return {
      type: this.#half(data + 40),
      field: 0,
      from: from >> 1,
      to: end >> 1,
      isMissing: (flags & 512) !== 0,
      data: this.#word(data + 36) === 0 ? 0 : data,
      position,
      end,
      isVisible: (flags & 1) !== 0,
      isExtra: (flags & 4) !== 0,
    };
  }

  #word(address: number): number {
    return this.#words[address >> 2] ?? 0;
  }

  #half(address: number): number {
    return this.#halves[address >> 1] ?? 0;
  }
}
