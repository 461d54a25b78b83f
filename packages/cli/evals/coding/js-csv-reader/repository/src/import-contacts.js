import { readRecords } from "./records.js";

/** Contacts with an address, without duplicates; the first of each wins. */
export function importContacts(text) {
  const byAddress = new Map();
  for (const { name, email } of readRecords(text)) {
    const key = (email ?? "").trim().toLowerCase();
    if (key !== "" && !byAddress.has(key)) byAddress.set(key, { name, email: key });
  }
  return [...byAddress.values()];
}
