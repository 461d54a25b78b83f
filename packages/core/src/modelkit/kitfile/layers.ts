import { posix } from "node:path";

import { isReferenceToKit } from "../reference.ts";
import type { Kitfile } from "./shape.ts";

/** What `unpack --filter` and `list` call the parts of a kit. */
export type LayerKind = "model" | "modelpart" | "code" | "dataset" | "docs" | "prompt" | "mcp";

/** An entry of a Kitfile that has a layer of its own. */
export interface LayerEntry {
  kind: LayerKind;
  name: string | undefined;
  /** Relative to the folder of the Kitfile, cleaned; `.` is the folder itself. */
  path: string;
  /** The entry itself, into which packing writes the digests. */
  target: { digest?: string | undefined; diffId?: string | undefined };
}

/** Go's filepath.Clean: an empty path is `.`, and no slash ends it. */
export function cleanPath(path: string | undefined): string {
  const cleaned = posix.normalize((path ?? "").trim());
  return cleaned.length > 1 && cleaned.endsWith("/") ? cleaned.slice(0, -1) : cleaned;
}

/** Is `path` the folder `parent` or below it? Both are clean. */
export function isWithin(path: string, parent: string): boolean {
  return parent === "." || path === parent || path.startsWith(`${parent}/`);
}

type Target = LayerEntry["target"] & { path?: string | undefined; name?: string | undefined };

/** The layers of a kit in the order of its manifest. What another kit or a remote store holds has none. */
export function layersOf({ model, code, datasets, docs, prompts, mcpServers }: Kitfile): LayerEntry[] {
  const here = datasets?.filter(({ remotePath }) => remotePath === undefined);
  return [
    ...entries("model", model !== undefined && isOnDisk(model) ? [model] : []),
    ...entries("modelpart", model?.parts),
    ...entries("code", code),
    ...entries("dataset", here),
    ...entries("docs", docs),
    ...entries("prompt", prompts),
    ...entries("mcp", mcpServers),
  ];
}

function entries(kind: LayerKind, targets: readonly Target[] = []): LayerEntry[] {
  return targets.map((target) => ({ kind, name: target.name, path: cleanPath(target.path), target }));
}

const isOnDisk = ({ path }: Target): boolean => path !== undefined && path !== "" && !isReferenceToKit(path);

/** The kit that the model comes from, when it is not a file of this one. */
export function parentReference({ model }: Kitfile): string | undefined {
  return model?.path !== undefined && isReferenceToKit(model.path) ? model.path : undefined;
}
