import { parseCsv } from "./csv.js";

/** Objects keyed by the names in the first row; missing fields are empty. */
export function readRecords(text) {
  const [header, ...rows] = parseCsv(text);
  if (header === undefined) return [];
  const names = header.map((name) => name.trim());
  return rows.map((row) => toRecord(names, row));
}

function toRecord(names, row) {
  if (row.length > names.length) throw new RangeError(`a row has ${row.length} fields, the header ${names.length}`);
  const record = {};
  for (const [index, name] of names.entries()) record[name] = row[index] ?? "";
  return record;
}
