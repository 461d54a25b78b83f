import { nearest } from "../../dialects/repair/nearest.ts";
import { TrustError } from "../../protocol/errors.ts";
import { runProgram } from "./run-program.ts";

/** The type as llama-quantize writes it. Throws USAGE, with what was most likely meant, when it knows no such type. */
export async function quantizationType(written: string, quantizer: string, signal: AbortSignal): Promise<string> {
  const { output } = await runProgram({ program: quantizer, args: ["--help"] }, signal);
  const types = typesIn(output);
  const found = types.find((type) => type.toLowerCase() === written.toLowerCase());
  if (found !== undefined) return found;
  const meant = nearest(written, types);
  const hint = `${meant === undefined ? "" : `did you mean ${meant}? `}There are: ${types.join(", ")}`;
  throw new TrustError("USAGE", `llama-quantize knows no type ${written}`, { hint });
}

/** The usage lists each type with its number: `  15  or  Q4_K_M  :  4.58G, …`. */
const typesIn = (usage: string): string[] =>
  [...usage.matchAll(/^ *\d+ +or +([A-Z0-9_]+) *:/gm)].flatMap(([, name]) => name ?? []);
