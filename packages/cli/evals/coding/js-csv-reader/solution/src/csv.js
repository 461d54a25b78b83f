/** The rows of a CSV text, each a list of fields. Throws SyntaxError for a quote that is never closed. */
export function parseCsv(text) {
  const rows = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const row = [];
    while (true) {
      const field = text[at] === '"' ? quoted(text, at, line) : plain(text, at);
      row.push(field.value);
      line += text.slice(at, field.end).split("\n").length - 1;
      at = field.end;
      if (text[at] !== ",") break;
      at++;
    }
    rows.push(row);
    if (text[at] === "\r" && text[at + 1] === "\n") at++;
    at++;
    line++;
  }
  return rows;
}

function plain(text, start) {
  let end = start;
  while (end < text.length && text[end] !== "," && text[end] !== "\n" && !text.startsWith("\r\n", end)) end++;
  return { value: text.slice(start, end), end };
}

function quoted(text, start, line) {
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== '"') value += text[at];
    else if (text[at + 1] === '"') {
      value += '"';
      at++;
    } else {
      const rest = plain(text, at + 1);
      return { value: value + rest.value, end: rest.end };
    }
  }
  throw new SyntaxError(`the quote that opens in line ${line} is never closed`);
}
