import { TrustError } from "../../protocol/errors.ts";
import { parseUnknownJson } from "../../protocol/json.ts";
import { cutOffError, endlessError, errorWords, serverError } from "../server/server-errors.ts";

/** Far above any line of a reply; in UTF-16 units. */
export const longestLine = 8 * 1024 * 1024;

/**
 * The lines of an answer as bytes, each checked to be JSON and no error. Throws when the answer ends before the line
 * that says so.
 */
export async function* checkedLines(
  parts: AsyncIterable<string>,
  host: string,
): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  let rest = "";
  let isDone = false;
  for await (const part of parts) {
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestLine) throw endlessError(host, "a line");
    for (const line of lines) {
      if (line.trim() === "") continue;
      isDone = isLast(line, host);
      yield encoder.encode(`${line}\n`);
    }
  }
  if (rest.trim() !== "" && !isDone) {
    isDone = isLast(rest, host);
    yield encoder.encode(`${rest}\n`);
  }
  if (!isDone) throw cutOffError(host);
}

/** Replies end with a line that is `done`, other work with the status `success`. */
function isLast(line: string, host: string): boolean {
  const value = parseUnknownJson(line, `a line from ${host}`, "MODEL_FAILED");
  if (typeof value !== "object" || value === null) {
    throw new TrustError("MODEL_FAILED", `${host} sends lines that are no part of a reply`);
  }
  if ("error" in value) throw serverError(errorWords(line), host);
  return ("done" in value && value.done === true) || ("status" in value && value.status === "success");
}
