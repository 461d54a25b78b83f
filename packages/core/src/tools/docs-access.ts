import type { Documentation } from "../documentation/index.ts";

/** The documentation that the person added, opened when it is first asked for. */
export interface DocsAccess {
  open(): Promise<Pick<Documentation, "list" | "notice" | "search">>;
}
