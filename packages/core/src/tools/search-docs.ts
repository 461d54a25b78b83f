import * as z from "zod";

import type { DocumentHit } from "../documentation/index.ts";
import type { Tool, ToolOutcome } from "../ports/tool.ts";
import { ok } from "../protocol/errors.ts";
import { cutLine } from "../workspace/index.ts";
import type { ToolDependencies } from "./dependencies.ts";
import type { DocsAccess } from "./docs-access.ts";
import type { ToolLimits } from "./limits.ts";
import { counted, done, pathLine } from "./outcome.ts";

const Input = z.strictObject({ query: z.string().min(1), source: z.string().optional() });
type Input = z.infer<typeof Input>;

const mostHits = 20;
/** Lines and bytes that are kept for naming the sections that did not fit. */
const linesKept = 8;
const bytesKept = 800;
const mostNamed = 6;

/** Documentation that the person added: the best sections whole, as far as a result may go; the next ones by name. */
export function searchDocsTool({ limits }: Pick<ToolDependencies, "limits">, docs: DocsAccess): Tool<Input> {
  return {
    name: "search_docs",
    description: "Search the documentation of libraries and commands",
    risk: "read",
    input: Input,
    subject: ({ query }) => query,
    prepare: ({ query, source }) =>
      Promise.resolve(
        ok({
          run: async () => {
            const documentation = await docs.open();
            const sources = documentation.list().map(({ name }) => name);
            if (sources.length === 0) {
              const lost = documentation.notice === undefined ? "" : ` (${documentation.notice})`;
              return done(
                `no documentation was added; a person adds it: trust docs add package:NAME${lost}`,
                "nothing",
              );
            }
            const named = source !== undefined && sources.includes(source) ? source : undefined;
            const note = source === named ? "" : `(there is no source ${JSON.stringify(source)}: all were searched)\n`;
            const hits = documentation.search(query, { limit: mostHits, source: named });
            return hits.length === 0 ? nothing(note, sources) : answer(note, hits, limits);
          },
        }),
      ),
  };
}

const nothing = (note: string, sources: readonly string[]): ToolOutcome =>
  done(
    `${note}no documentation has these words; there is: ${sources.slice(0, 30).map(pathLine).join(", ")}`,
    "nothing",
  );

function answer(note: string, hits: readonly DocumentHit[], limits: ToolLimits): ToolOutcome {
  const shown: string[] = [];
  let lines = limits.resultLines - linesKept;
  let bytes = limits.resultBytes - bytesKept - Buffer.byteLength(note);
  for (const hit of hits) {
    const section = sectionText(hit, limits);
    const rows = section.split("\n");
    const fits = rows.length + 1 <= lines && Buffer.byteLength(section) + 1 <= bytes;
    if (!fits && shown.length > 0) break;
    const kept = fits ? section : begun(rows, lines, bytes);
    shown.push(kept);
    lines -= kept.split("\n").length + 1;
    bytes -= Buffer.byteLength(kept) + 1;
    if (!fits) break;
  }
  return done(note + shown.join("\n\n") + others(hits.slice(shown.length)), counted(hits.length, "section"));
}

function sectionText({ path, heading, line, text, source }: DocumentHit, { lineColumns }: ToolLimits): string {
  const body = text.split("\n").map((row) => cutLine(row, lineColumns));
  return [headOf({ path, heading, line, source }), ...(text === "" ? [] : body)].join("\n");
}

const headOf = ({ source, path, line, heading }: Pick<DocumentHit, "source" | "path" | "line" | "heading">): string =>
  `${pathLine(source)}: ${pathLine(path)}:${line}${heading === "" ? "" : `  ${pathLine(heading)}`}`;

function begun(rows: readonly string[], lines: number, bytes: number): string {
  const kept: string[] = [];
  let left = bytes - 100;
  for (const row of rows.slice(0, Math.max(2, lines - 1))) {
    left -= Buffer.byteLength(row) + 1;
    if (left < 0 && kept.length > 0) break;
    kept.push(row);
  }
  return `${kept.join("\n")}\n... ${counted(rows.length - kept.length, "more line")} of this section`;
}

/** A heading as the query finds its section. */
function others(hits: readonly DocumentHit[]): string {
  if (hits.length === 0) return "";
  const names = [...new Set(hits.map(({ heading, path }) => pathLine(heading === "" ? path : heading).slice(0, 80)))];
  const rows = names.slice(0, mostNamed).map((name) => `  ${name}`);
  return `\n\n... ${counted(hits.length, "more section")}. To see one: search_docs with its heading as the query\n${rows.join("\n")}`;
}
