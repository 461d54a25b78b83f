import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { isRecord, type ToolFormat, tryParseJson } from "../../dialects/index.ts";

/** What is known of chat templates, by their digest. */
export interface FormatCache {
  read(template: string): ToolFormat | undefined;
  write(template: string, format: ToolFormat): void;
}

/** Changes whenever the analysis could say something else of the same template. */
const analysisVersion = 1;

const Entry = z.strictObject({ version: z.literal(analysisVersion), format: z.custom<ToolFormat>(isRecord) });

/** A folder with one file a template. A file that cannot be read or written is no loss. */
export function createFormatCache(folder: string): FormatCache {
  const pathOf = (template: string): string =>
    join(folder, `${createHash("sha256").update(template).digest("hex").slice(0, 32)}.json`);
  return {
    read(template) {
      const text = attempt(() => readFileSync(pathOf(template), "utf8"));
      const parsed = text === undefined ? undefined : tryParseJson(text, "format");
      const entry = parsed?.ok === true ? Entry.safeParse(parsed.value) : undefined;
      return entry?.success === true ? entry.data.format : undefined;
    },
    write(template, format) {
      const path = pathOf(template);
      const staged = `${path}.${process.pid}`;
      attempt(() => {
        mkdirSync(folder, { recursive: true });
        writeFileSync(staged, JSON.stringify({ version: analysisVersion, format }));
        renameSync(staged, path);
      });
    },
  };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
