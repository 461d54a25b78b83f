import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import type { Repair, ToolCall } from "../protocol/tool-call.ts";
import { isRecord, readArguments, tryParseJson } from "./call-arguments.ts";
import { argumentKeys } from "./call-scanner.ts";

/** Reads the finished body of a `json-object` call. Every departure from the proper form is a logged repair. */
export function readCall(id: string, raw: string, found: readonly Repair[]): Result<ToolCall> {
  const parsed = tryParseJson(raw, "the call");
  if (!parsed.ok) return parsed;
  const body = parsed.value;
  if (!isRecord(body)) return invalid('a call must be a JSON object {"name": …, "arguments": {…}}');
  const { name } = body;
  if (typeof name !== "string" || name === "") return invalid('the call has no "name"');
  const key = argumentKeys.find((candidate) => candidate in body);
  const read = readArguments(key === undefined ? undefined : body[key]);
  if (!read.ok) return read;
  const repairs = [...found, ...aliasRepair(key), ...read.value.repairs];
  return ok({ id, name, args: read.value.args, raw, via: "parsed", repairs });
}

function aliasRepair(key: string | undefined): Repair[] {
  const [proper = ""] = argumentKeys;
  return key === undefined || key === proper ? [] : [{ kind: "rename-key", detail: `${key} read as ${proper}` }];
}

const invalid = (reason: string): Result<never> => failure(new TrustError("INPUT_INVALID", reason));
