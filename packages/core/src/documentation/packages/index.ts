import type { TrustError } from "../../protocol/errors.ts";
import { similarNames } from "../names.ts";
import type { DocumentPlace } from "../place.ts";
import { type DocumentSource, docsError } from "../source.ts";
import { cargo } from "./cargo.ts";
import type { Ecosystem } from "./ecosystem.ts";
import { go } from "./go.ts";
import { npm } from "./npm.ts";
import { pip } from "./pip.ts";

const ecosystems: readonly Ecosystem[] = [npm, pip, go, cargo];

/** The documents of a package by `NAME`, or by `npm/NAME`, `pip/NAME`, `go/PATH`, `cargo/NAME` where several have one. */
export function packageSource(written: string, place: DocumentPlace): DocumentSource {
  const { name, searched } = qualified(written);
  const found = searched.flatMap((ecosystem) => {
    const known = ecosystem.find(name, place);
    return known === undefined ? [] : [{ id: ecosystem.id, ...known }];
  });
  const [first, ...others] = found;
  if (first === undefined) throw missing(name, searched, place);
  if (others.length > 0) {
    const names = found.map(({ id }) => `package:${id}/${name}`);
    throw docsError(`several packages are called ${name}`, `say which: trust docs add ${names.join(" or ")}`);
  }
  const { version, location } = first;
  const notes: string[] = [];
  return {
    name,
    origin: `package:${first.id}/${name}`,
    location: version === "" ? location : `${first.id} ${name} ${version}, ${location}`,
    files: () => first.files(notes),
    notes,
  };
}

/** `npm/x` may be meant as a name itself, but no package manager has such names without a scope. */
function qualified(written: string): { name: string; searched: readonly Ecosystem[] } {
  const [first = "", ...rest] = written.split("/");
  const one = rest.length > 0 ? ecosystems.find(({ id }) => id === first) : undefined;
  return one === undefined ? { name: written, searched: ecosystems } : { name: rest.join("/"), searched: [one] };
}

function missing(name: string, searched: readonly Ecosystem[], place: DocumentPlace): TrustError {
  const folders = searched.flatMap((ecosystem) =>
    ecosystem.folders(place).map((folder) => `${folder} (${ecosystem.id})`),
  );
  const looked =
    folders.length === 0
      ? `there is no folder of ${searched.map(({ id }) => id).join(", ")} packages`
      : `looked in ${[...new Set(folders)].join(", ")}`;
  const owners = searched.flatMap((ecosystem) =>
    similarNames(name, ecosystem.names(place)).map((similar) => `package:${ecosystem.id}/${similar}`),
  );
  const hint =
    owners.length === 0
      ? "install the package first, or add a folder: trust docs add PATH"
      : `did you mean ${owners.slice(0, 5).join(", ")}?`;
  return docsError(`no package ${name} lies on this machine: ${looked}`, hint);
}
