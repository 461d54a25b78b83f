import { TrustError } from "../../protocol/errors.ts";
import { isReferenceToKit } from "../reference.ts";
import { type LayerEntry, layersOf } from "./layers.ts";
import type { Kitfile } from "./shape.ts";

const partType = /^\w[\w.-]{0,63}$/;

/** Throws KIT_INVALID with every rule that the Kitfile breaks. Gives warnings that do not prevent packing. */
export function checkKitfile(kitfile: Kitfile, source: string): string[] {
  const layers = layersOf(kitfile);
  const problems = [
    ...layers.flatMap(pathProblems),
    ...overlaps(layers),
    ...partProblems(kitfile),
    ...remoteProblems(kitfile),
    ...serverProblems(kitfile),
  ];
  if (problems.length > 0) throw new TrustError("KIT_INVALID", `${source}: ${problems.join("; ")}`);
  if (kitfile.manifestVersion === "1.0.0") return [];
  return [`${source} has manifestVersion ${JSON.stringify(kitfile.manifestVersion)}; this program knows 1.0.0`];
}

function pathProblems({ kind, path }: LayerEntry): string[] {
  const problem = (why: string): string[] => [`the ${kind} path ${JSON.stringify(path)} ${why}`];
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return problem("is absolute; paths begin at the Kitfile");
  if (path === ".." || path.startsWith("../")) return problem("leaves the folder of the Kitfile");
  if (path.includes("\\") || path.includes("\0")) return problem("must be written with / between folders");
  return [];
}

/** Prompts may share a path with another layer. */
function overlaps(layers: readonly LayerEntry[]): string[] {
  const seen = new Map<string, LayerEntry>();
  return layers.flatMap((layer) => {
    if (layer.kind === "prompt") return [];
    const other = seen.get(layer.path);
    if (other !== undefined)
      return [`${other.kind} and ${layer.kind} have the same path ${JSON.stringify(layer.path)}`];
    seen.set(layer.path, layer);
    return [];
  });
}

function partProblems({ model }: Kitfile): string[] {
  return (model?.parts ?? []).flatMap(({ type }) =>
    type === undefined || type === "" || partType.test(type)
      ? []
      : [`the part type ${JSON.stringify(type)} must be a word of at most 64 letters, digits, ".", "_" or "-"`],
  );
}

function remoteProblems({ datasets }: Kitfile): string[] {
  return (datasets ?? []).flatMap(({ remotePath, remoteHash }) => {
    if (remotePath === undefined) return [];
    const named = JSON.stringify(remotePath);
    if (/^https?:/i.test(remotePath)) return [`the remotePath ${named} must not be a web address`];
    if (remotePath.startsWith("s3://")) return remoteHash === undefined ? [`${named} needs a remoteHash`] : [];
    return isReferenceToKit(remotePath) ? [] : [`the remotePath ${named} is neither s3:// nor the name of a kit`];
  });
}

function serverProblems({ mcpServers }: Kitfile): string[] {
  const names = new Set<string>();
  return (mcpServers ?? []).flatMap(({ name, path }) => {
    if (name === undefined || name === "") return ["every entry of mcpServers needs a name"];
    if (names.has(name)) return [`two entries of mcpServers are named ${JSON.stringify(name)}`];
    names.add(name);
    return path?.endsWith(".mcpb") === true
      ? []
      : [`the MCP server ${JSON.stringify(name)} needs the path of one .mcpb file`];
  });
}
