import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { readDocument } from "../../src/documentation/formats/index.ts";
import { sectionsOf } from "../../src/documentation/sections.ts";

/** Each section as one text: its headings, then what it says. */
const read = (path: string, source: string): string[] =>
  sectionsOf(readDocument(path, source)).map(({ headings, text }) => `${headings.join(" > ")}\n${text}`);

describe("Markdown", () => {
  test("takes both kinds of headings, front matter and headings in HTML, and no marks into their texts", () => {
    const source =
      "---\ntitle: Handbook\norder: 2\n---\n\nFirst\n=====\n\nOne.\n\n<h2 align='center'>The <code>run</code> command</h2>\n\n<p>Two.</p>\n\n### [Linked](https://example.org) `code` {#anchor}\n\nThree.\n";
    expect(read("guide.mdx", source)).toEqual([
      "Handbook\ntitle: Handbook\norder: 2",
      "First\nOne.",
      "First > The <code>run</code> command\nTwo.",
      "First > The <code>run</code> command > Linked code\nThree.",
    ]);
  });

  test("finds no headings in code, and takes a fence that is not closed to the end", () => {
    expect(read("a.md", "# A\n\n~~~sh\n# no heading\n~~~\n\n```\n# nor this")).toEqual([
      "A\n~~~sh\n# no heading\n~~~\n\n```\n# nor this",
    ]);
  });
});

describe("HTML", () => {
  test("is text with headings; scripts and menus are left out, code keeps its lines", () => {
    const source =
      "<!doctype html><title>Book</title><script>var x = '<h1>no</h1>'</script><nav>Home</nav><h1>Guide</h1><p>Read &amp;\n  learn</p><h2>Code<a>¶</a></h2><pre>a\n  b</pre><ul><li>one<li>two</ul><table><tr><th>k<th>v<tr><td>1<td>2</table>";
    expect(read("index.html", source)).toEqual([
      "Book > Guide\nRead & learn",
      "Book > Guide > Code\na\n  b\n\n- one\n- two\n\nk | v\n1 | 2",
    ]);
  });

  test("that is broken is read as far as it goes", () => {
    expect(read("x.html", "<h1>Open <b>head <p>text <pre>code &nope; <!-- never closed").join("\n")).toContain(
      "Open head",
    );
    expect(read("x.html", `${"<div>".repeat(50_000)}deep`)).toEqual(["\ndeep"]);
  });
});

test("reStructuredText: levels are in the order of their marks, and blocks behind :: are code", () => {
  const source =
    "=====\nTitle\n=====\n\nIntro::\n\n    code here\n\n      more\n\nPart\n----\n\nText.\n\nDeep\n~~~~\n\nEnd.\n";
  expect(read("index.rst", source)).toEqual([
    "Title\nIntro::\n\n    code here\n\n      more",
    "Title > Part\nText.",
    "Title > Part > Deep\nEnd.",
  ]);
});

describe("manual pages", () => {
  test("of the man macros have headings, tags with their texts, and code", () => {
    const source = `'\\" t
.ig \\"a remark
never shown
..
.de XX
nor this
..
.ds Aq '
.TH "COPY" "1" "2024" "Tools"
.SH NAME
copy \\- copies \\(lqfiles\\(rq
.SH OPTIONS
.TP
\\fB\\-r\\fR, \\fB\\-\\-recursive\\fR
go into
.I folders
.if t never on paper
.sp
.RS 4
.ie n \\{\\
\\h'-04'\\(bu\\h'+03'\\c
.\\}
.el \\{\\
.IP \\(bu 2.3
.\\}
a point
.RE
.ie n \\{\\
.PP
It\\*(Aqs for terminals\\&.
.\\}
.el \\{\\
.PP
not this
.\\}
.nf
copy  a  b
  indented
.fi
.SS "Exit status"
0
`;
    expect(read("copy.1", source)).toEqual([
      "copy(1) > NAME\ncopy - copies “files”",
      "copy(1) > OPTIONS\n-r, --recursive\n    go into folders\n\n• a point\n\nIt's for terminals.\n\ncopy  a  b\n  indented",
      "copy(1) > OPTIONS > Exit status\n0",
    ]);
  });

  test("of mdoc name their options and arguments", () => {
    const source = `.Dd May 1, 2024
.Dt LIST 1
.Os
.Sh NAME
.Nm list
.Nd shows files
.Sh SYNOPSIS
.Nm
.Op Fl al
.Op Fl -sort Ns = Ns Ar word
.Ar file ...
.Sh DESCRIPTION
See
.Xr chmod 1 ,
or
.Fn open "path" "flags" .
.Bl -tag
.It Fl a , Fl -all
Shows
.Sq .hidden
ones.
.El
`;
    expect(read("list.1", source)).toEqual([
      "list(1) > NAME\nlist — shows files",
      "list(1) > SYNOPSIS\nlist [-al] [--sort=word] file ...",
      "list(1) > DESCRIPTION\nSee chmod(1), or open(path, flags).\n\n-a, --all\n    Shows ‘.hidden’ ones.",
    ]);
  });

  test.runIf(existsSync("/usr/share/man/man1/ls.1.gz"))("of this system are read", () => {
    const page = gunzipSync(readFileSync("/usr/share/man/man1/ls.1.gz")).toString("utf8");
    expect(read("ls.1.gz", page).join("\n")).toContain("-a, --all\n    do not ignore entries starting with .");
  });
});

describe("declarations of TypeScript", () => {
  const source = `/**
 * Opens things.
 * @packageDocumentation
 */
import { X } from "x";
/** Reads {@link File} whole. */
export declare function read(path: string): string;
export declare function read(path: URL, options?: { encoding: "a;b" }): string;
declare module "node:disk" {
  namespace promises {
    /** Waits. */
    function read(path: string): Promise<string>
  }
}
export interface Options<T = {}> extends Base {
  depth: number;
  /** How to
   *  sort. */
  sort?: (a: T, b: T) => number;
  map: Record<string, { key: T }>;
}
export declare class Disk {
  private secret: string;
  /** Ends it. */
  close(): void;
}
export type Name =
  | "a"
  | "b";
declare enum Kind { A = 1, B }
`;
  const sections = read("index.d.ts", source);

  test("are found with their signatures and comments, overloads together", () => {
    expect(sections).toContain(
      'read\nexport declare function read(path: string): string\nexport declare function read(path: URL, options?: { encoding: "a;b" }): string\n\nReads File whole.',
    );
    expect(sections).toContain("node:disk.promises.read\nfunction read(path: string): Promise<string>\n\nWaits.");
    expect(sections).toContain('Name\nexport type Name =\n  | "a"\n  | "b"');
  });

  test("show the members of a type, and those with comments by themselves", () => {
    expect(sections).toContain(
      "Options\nexport interface Options<T = {}> extends Base {\n  depth: number\n  map: Record<string, { key: T }>\n}",
    );
    expect(sections).toContain("Options.sort\nsort?: (a: T, b: T) => number\n\nHow to\n sort.");
    expect(sections).toContain("Disk.close\nclose(): void\n\nEnds it.");
    expect(sections.join("\n")).not.toContain("secret");
    expect(sections).toContain("Kind\ndeclare enum Kind {\n  A = 1\n  B\n}");
  });

  test("of a real package name what it exports", () => {
    const types = readFileSync(
      new URL("../../../../node_modules/commander/typings/index.d.ts", import.meta.url),
      "utf8",
    );
    const found = sectionsOf(readDocument("index.d.ts", types)).find(({ symbols }) =>
      symbols.includes("Command.requiredOption"),
    );
    expect(found?.text).toContain("requiredOption(");
    expect(found?.text).toContain("must have a value after parsing");
  });
});

test("Python: docstrings of what is public, with signatures over several lines; text in strings is not code", () => {
  const source = `#!/usr/bin/env python
"""Tools for carts.

Usage::

    total(items)
"""
import os
TEXT = """
def not_code(): pass
"""
class Cart(Base):
    """A cart."""
    def add(
        self,
        item: str = "a)",
    ) -> None:
        '''Adds an item.'''
        def inner(): pass
    def _hidden(self): pass
async def load(path): return 1
`;
  expect(read("cart.py", source)).toEqual([
    "\nTools for carts.\n\nUsage::\n\n    total(items)",
    "Cart\nclass Cart(Base)\n\nA cart.",
    'Cart.add\ndef add(self, item: str = "a)") -> None\n\nAdds an item.',
    "load\nasync def load(path): return 1",
  ]);
});

test("Go: the package's comment and what is exported", () => {
  const source = `// Copyright someone

// Package cart counts.
//
// It is small.
package cart

// Total adds.
//
//go:noinline
func Total(items []string) int {
	return 0
}

// Cart holds items.
type Cart struct {
	Items []string
}

// Add puts.
func (c *Cart) Add(item string) { c.Items = append(c.Items, item) }

func hidden() {}

const (
	// Most items.
	Most = 10
)
`;
  expect(read("cart.go", source)).toEqual([
    "package cart\nPackage cart counts.\n\nIt is small.",
    "Total\nfunc Total(items []string) int\n\nTotal adds.",
    "Cart\ntype Cart struct {\n\tItems []string\n}\n\nCart holds items.",
    "Cart.Add\nfunc (c *Cart) Add(item string)\n\nAdd puts.",
    "Most\nconst (\n\t// Most items.\n\tMost = 10\n)",
  ]);
});

test("Rust: the crate's comment and public items in their modules, traits and implementations", () => {
  const source = `//! # Carts
//!
//! All about carts.

/// A cart.
#[derive(Debug)]
pub struct Cart<T> {
    items: Vec<T>,
}

impl<T> Cart<T> {
    /// Adds one.
    pub fn add(&mut self, item: T) -> usize {
        0
    }
    fn hidden(&self) {}
}

pub trait Priced {
    /// In cents.
    fn price(&self) -> u64;
}

/// Not public.
fn inner() {}
`;
  expect(read("lib.rs", source)).toEqual([
    "Carts\nAll about carts.",
    "Cart\npub struct Cart<T>\n\nA cart.",
    "Cart::add\npub fn add(&mut self, item: T) -> usize\n\nAdds one.",
    "Priced\npub trait Priced",
    "Priced::price\nfn price(&self) -> u64\n\nIn cents.",
  ]);
});

describe("JSON", () => {
  test("of rustdoc gives items under their paths", () => {
    const document = {
      format_version: 37,
      index: {
        "0": { name: "Cart", docs: "A cart.", span: { begin: [3, 1] }, inner: { struct: { impls: [2] } } },
        "2": { name: null, docs: null, inner: { impl: { for: { resolved_path: { name: "Cart" } }, items: [3] } } },
        "3": {
          name: "add",
          docs: "Adds one.",
          inner: {
            function: {
              sig: {
                inputs: [
                  ["self", {}],
                  ["item", { borrowed_ref: { is_mutable: true, type: { primitive: "str" } } }],
                ],
                output: {
                  resolved_path: { path: "Option", args: { angle_bracketed: { args: [{ type: { generic: "T" } }] } } },
                },
              },
            },
          },
        },
      },
      paths: { "0": { path: ["shop", "Cart"] } },
    };
    expect(read("shop.json", JSON.stringify(document))).toEqual([
      "shop::Cart\nstruct Cart\n\nA cart.",
      "Cart::add\nfn add(self, item: &mut str) -> Option<T>\n\nAdds one.",
    ]);
  });

  test("of TypeDoc gives declarations with their comments", () => {
    const text = (value: string) => [{ kind: "text", text: value }];
    const signature = {
      name: "total",
      comment: { summary: text("Adds up."), blockTags: [{ tag: "@returns", content: text("cents") }] },
      parameters: [{ name: "items", type: { type: "array", elementType: { type: "intrinsic", name: "string" } } }],
      type: { type: "reference", name: "Promise", typeArguments: [{ type: "intrinsic", name: "number" }] },
    };
    const document = { name: "shop", kind: 1, children: [{ name: "total", kind: 64, signatures: [signature] }] };
    expect(read("api.json", JSON.stringify(document))).toEqual([
      "total\ntotal(items: string[]): Promise<number>\n\nAdds up.\n\n@returns cents",
    ]);
  });

  test.each([
    "{",
    "[]",
    "null",
    '{"kind": 1, "children": [null, 3, {"children": {}}]}',
    '{"index": {"a": 1, "b": null}, "paths": {}, "format_version": null}',
  ])("that is broken or something else says nothing: %s", (source) => expect(read("data.json", source)).toEqual([]));
});
