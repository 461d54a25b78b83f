import { existsSync } from "node:fs";

import type { Documentation } from "@trust-cli/core/documentation";
import type { DocsAccess } from "@trust-cli/core/tools";

/** What the person added, opened by the first use. */
export interface AppDocumentation extends DocsAccess {
  open(): Promise<Documentation>;
  /** A glance at the disk: whether anything was added. */
  isThere: () => boolean;
}

export function lazyDocumentation(root: string, file: string): AppDocumentation {
  let opening: Promise<Documentation> | undefined;
  return {
    open: () => {
      opening ??= import("@trust-cli/core/documentation").then(
        (module) => new module.Documentation({ file, place: { root, environment: process.env } }),
      );
      return opening;
    },
    isThere: () => existsSync(file),
  };
}
