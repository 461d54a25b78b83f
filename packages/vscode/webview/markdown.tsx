import { lexer, type Token, type Tokens } from "marked";
import { Component, type ComponentChildren, type VNode } from "preact";
import { useMemo } from "preact/hooks";

import { send } from "./host.ts";

/** Markdown as nodes, never as HTML: text of a model can become nothing but text, links and buttons. */
export function Markdown({ text }: { text: string }): VNode {
  const tokens = useMemo(() => lexer(text), [text]);
  return (
    <div class="markdown">
      {tokens.map((token, index) => (
        <Block key={index} token={token} />
      ))}
    </div>
  );
}

/** While an answer streams, only its last block changes. */
class Block extends Component<{ token: Token }> {
  override shouldComponentUpdate(next: { token: Token }): boolean {
    return next.token.raw !== this.props.token.raw || next.token.type !== this.props.token.type;
  }

  override render(): VNode {
    return <>{block(this.props.token)}</>;
  }
}

function block(token: Token): ComponentChildren {
  const known = token as Tokens.Generic;
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading":
      return <Heading depth={(token as Tokens.Heading).depth}>{inlines(token)}</Heading>;
    case "code":
      return <CodeBlock code={token as Tokens.Code} />;
    case "blockquote":
      return <blockquote>{(known.tokens ?? []).map(block)}</blockquote>;
    case "list":
      return <List list={token as Tokens.List} />;
    case "table":
      return <Table table={token as Tokens.Table} />;
    case "hr":
      return <hr />;
    case "text":
      return known.tokens === undefined ? <>{withFileLinks(known["text"] as string)}</> : <>{inlines(token)}</>;
    default:
      return <p>{inlines(token)}</p>;
  }
}

/** Headings of an answer lie below the headings of the page. */
function Heading({ depth, children }: { depth: number; children: ComponentChildren }): VNode {
  return (
    <div role="heading" aria-level={depth + 2} class="heading">
      {children}
    </div>
  );
}

function CodeBlock({ code }: { code: Tokens.Code }): VNode {
  return (
    <div class="code">
      <div class="code-bar">
        <span>{code.lang ?? ""}</span>
        <button type="button" class="quiet" onClick={() => send({ type: "copy", text: code.text })}>
          Copy
        </button>
      </div>
      <pre tabIndex={0}>
        <code>{code.text}</code>
      </pre>
    </div>
  );
}

function List({ list }: { list: Tokens.List }): VNode {
  const items = list.items.map((item, index) => (
    <li key={index}>
      {item.task ? <input type="checkbox" checked={item.checked ?? false} disabled /> : null}
      {item.tokens.filter(({ type }) => type !== "checkbox").map(block)}
    </li>
  ));
  return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ table }: { table: Tokens.Table }): VNode {
  return (
    <table>
      <thead>
        <tr>
          {table.header.map((cell, index) => (
            <th key={index}>{cell.tokens.map(inline)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, column) => (
              <td key={column}>{cell.tokens.map(inline)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inlines(token: Token): ComponentChildren {
  const { tokens, raw } = token as Tokens.Generic;
  return tokens === undefined ? raw : tokens.map(inline);
}

function inline(token: Token): ComponentChildren {
  switch (token.type) {
    case "strong":
      return <strong>{inlines(token)}</strong>;
    case "em":
      return <em>{inlines(token)}</em>;
    case "del":
      return <del>{inlines(token)}</del>;
    case "br":
      return <br />;
    case "codespan":
      return <CodeSpan text={(token as Tokens.Codespan).text} />;
    case "link":
      return <Link link={token as Tokens.Link} />;
    case "image":
      return <>{(token as Tokens.Image).text}</>;
    case "text":
    case "escape":
      return <>{withFileLinks((token as Tokens.Text).text)}</>;
    default:
      return token.raw;
  }
}

function Link({ link }: { link: Tokens.Link }): VNode {
  if (/^(https?|mailto):/i.test(link.href)) return <a href={link.href}>{inlines(link)}</a>;
  const [, path = "", line] = /^(?:file:\/\/)?([^:#]+)(?:(?::|#L?)(\d+))?$/.exec(link.href) ?? [];
  return path === "" ? <>{inlines(link)}</> : <FileLink path={path} line={line} label={inlines(link)} />;
}

function CodeSpan({ text }: { text: string }): VNode {
  const [, path, line] = /^([^\s:]+\.\w+):(\d+)$/.exec(text) ?? [];
  return path === undefined ? <code>{text}</code> : <FileLink path={path} line={line} label={<code>{text}</code>} />;
}

const fileReference = /((?:[\w.@-]+\/)*[\w@-][\w.@-]*\.[A-Za-z]\w*):(\d+)/g;

/** `src/cart.ts:18` becomes a link. */
function withFileLinks(text: string): ComponentChildren[] {
  const nodes: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(fileReference)) {
    const [label, path = "", line] = match;
    nodes.push(text.slice(end, match.index), <FileLink path={path} line={line} label={label} />);
    end = match.index + label.length;
  }
  return [...nodes, text.slice(end)];
}

export function FileLink(props: { path: string; line: string | undefined; label: ComponentChildren }): VNode {
  const { path, line, label } = props;
  return (
    <button
      type="button"
      class="link"
      onClick={() => send({ type: "open-file", path, line: line === undefined ? undefined : Number(line) })}
    >
      {label}
    </button>
  );
}
