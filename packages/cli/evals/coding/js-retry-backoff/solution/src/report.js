import { retry } from "./retry.js";

/** The report with this id, from a client whose `get(path)` may fail now and then. */
export async function fetchReport(client, id, options = {}) {
  const shouldRetry = ({ status }) => !(status >= 400 && status < 500) || status === 429;
  const body = await retry(() => client.get(`/reports/${encodeURIComponent(id)}`), { shouldRetry, ...options });
  return { id, title: body.title ?? "untitled", rows: body.rows ?? [] };
}
