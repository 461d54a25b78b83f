/** The rows of a CSV text, each a list of fields. */
export function parseCsv(text) {
  const rows = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    rows.push(line.split(",").map(unquote));
  }
  return rows;
}

function unquote(field) {
  if (field.startsWith('"') && field.endsWith('"')) return field.slice(1, -1);
  return field;
}
