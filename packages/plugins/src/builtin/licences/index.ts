import { definePlugin, defineTool, type PluginContext, type PluginFiles } from "@trust-cli/plugins/sdk";

/** One dependency and what its own papers say; `undefined`: they say nothing, or are not here. */
interface Dependency {
  name: string;
  licence: string | undefined;
}

interface Section {
  title: string;
  dependencies: Dependency[];
}

const atOnce = 32;
const namesShown = 12;
const unknown = "not known";

type Fields = Record<string, unknown>;

const isRecord = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const recordAt = (value: unknown, key: string): Fields => {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : {};
};

/** Undefined for a file that is not there, may not be read or is no JSON. */
async function readJson(files: PluginFiles, path: string): Promise<unknown> {
  try {
    // oxlint-disable-next-line no-restricted-properties -- in the isolate there is no other parser
    return JSON.parse(await files.read(path)) as unknown;
  } catch {
    return undefined;
  }
}

const readText = (files: PluginFiles, path: string): Promise<string | undefined> =>
  files.read(path).catch(() => undefined);

async function inGroups<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(work))));
  }
  return results;
}

/** The forms that package.json had over the years. */
function licenceField(manifest: unknown): string | undefined {
  if (!isRecord(manifest)) return undefined;
  const { license, licenses } = manifest;
  if (typeof license === "string") return license;
  if (isRecord(license) && typeof license["type"] === "string") return license["type"];
  if (!Array.isArray(licenses)) return undefined;
  const types = licenses.map((one) => (isRecord(one) ? one["type"] : one)).filter((type) => typeof type === "string");
  return types.length === 0 ? undefined : types.join(" OR ");
}

const npmKinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/** Everything installed by npm: the lockfile names licences, what it leaves open the packages themselves say. */
async function npm(files: PluginFiles): Promise<Section | undefined> {
  const manifests = await files.glob("**/package.json");
  const own = await inGroups(
    manifests.filter((path) => !path.startsWith("node_modules/")),
    (path) => readJson(files, path),
  );
  if (own.length === 0) return undefined;
  const declared = own.flatMap((manifest) => npmKinds.flatMap((kind) => Object.keys(recordAt(manifest, kind))));
  const found = new Map<string, string | undefined>(declared.map((name) => [name, undefined]));
  const lock = recordAt(await readJson(files, "package-lock.json"), "packages");
  for (const [path, entry] of Object.entries(lock)) {
    const name = path.split("node_modules/").at(-1) ?? "";
    if (path.includes("node_modules/") && recordAt(lock, path)["link"] !== true) {
      found.set(name, licenceField(entry) ?? found.get(name));
    }
  }
  const installed = manifests.filter((path) => path.startsWith("node_modules/"));
  const names = installed.map((path) => path.slice("node_modules/".length, -"/package.json".length));
  const ours = new Set(own.map((manifest) => (isRecord(manifest) ? manifest["name"] : undefined)));
  const open = names.filter((name) => found.get(name) === undefined && !ours.has(name));
  await inGroups(open, async (name) => {
    found.set(name, licenceField(await readJson(files, `node_modules/${name}/package.json`)));
  });
  for (const name of ours) found.delete(String(name));
  return { title: "npm", dependencies: [...found].map(([name, licence]) => ({ name, licence })) };
}

/** The keys of a TOML table; enough for lists of dependencies, which are one a line. */
function tomlKeys(text: string, table: RegExp): string[] {
  const keys: string[] = [];
  let isInside = false;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[+([^\]]+)\]+/.exec(line)?.[1];
    if (header !== undefined) {
      isInside = table.test(header);
      const named = /^(?:.*\.)?(?:dev-|build-)?dependencies\.([\w-]+)$/.exec(header)?.[1];
      if (named !== undefined) keys.push(named);
    } else if (isInside) {
      const key = /^\s*"?([\w.-]+)"?\s*=/.exec(line)?.[1];
      if (key !== undefined) keys.push(key);
    }
  }
  return keys;
}

async function cargo(files: PluginFiles): Promise<Section | undefined> {
  const texts = await inGroups(await files.glob("**/Cargo.toml"), (path) => readText(files, path));
  if (texts.length === 0) return undefined;
  const names = texts.flatMap((text) => tomlKeys(text ?? "", /^(?:.*\.)?(?:dev-|build-)?dependencies$/));
  return { title: "Cargo", dependencies: withoutLicences(names) };
}

async function go(files: PluginFiles): Promise<Section | undefined> {
  const text = await readText(files, "go.mod");
  if (text === undefined) return undefined;
  const names = [...text.matchAll(/^\s*(?:require\s+)?([\w.-]+\.[\w.-]+\/\S+)\s+v\S+/gm)].map(([, name]) => name ?? "");
  return { title: "Go", dependencies: withoutLicences(names) };
}

async function python(files: PluginFiles): Promise<Section | undefined> {
  const text = await readText(files, "pyproject.toml");
  const installed = [...(await files.glob("venv/**/METADATA")), ...(await files.glob(".venv/**/METADATA"))];
  if (text === undefined && installed.length === 0) return undefined;
  const list = /^\s*dependencies\s*=\s*\[([^\]]*)\]/m.exec(text ?? "")?.[1] ?? "";
  const declared = [...list.matchAll(/["']([A-Za-z0-9][\w.-]*)/g)].map(([, name]) => name ?? "");
  const poetry = tomlKeys(text ?? "", /^tool\.poetry\.(?:dev-)?dependencies$/).filter((name) => name !== "python");
  const found = new Map(withoutLicences([...declared, ...poetry]).map(({ name, licence }) => [plain(name), licence]));
  await inGroups(installed, async (path) => {
    const metadata = (await readText(files, path)) ?? "";
    const name = /^Name: (.+)$/m.exec(metadata)?.[1];
    if (name !== undefined) found.set(plain(name), pythonLicence(metadata));
  });
  return { title: "Python", dependencies: [...found].map(([name, licence]) => ({ name, licence })) };
}

const plain = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[-_.]+/g, "-");

/** Some put the whole text of the licence into the old field: then only its classifier is of use. */
function pythonLicence(metadata: string): string | undefined {
  const head = metadata.split(/\r?\n\r?\n/, 1)[0] ?? "";
  const short = /^License-Expression: (.+)$/m.exec(head)?.[1] ?? /^License: (.{1,60})$/m.exec(head)?.[1];
  return (short ?? /^Classifier: License :: (?:OSI Approved :: )?(.+)$/m.exec(head)?.[1])?.trim();
}

const withoutLicences = (names: readonly string[]): Dependency[] =>
  [...new Set(names)].map((name) => ({ name, licence: undefined }));

function show({ title, dependencies }: Section, only: string | undefined): string[] {
  const groups = Map.groupBy(dependencies, ({ licence }) => licence ?? unknown);
  const sorted = [...groups].toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  const wanted = sorted.filter(([licence]) => only === undefined || licence.toLowerCase() === only.toLowerCase());
  const lines = wanted.map(([licence, members]) => {
    const names = members.map(({ name }) => name).toSorted();
    const shown = only === undefined ? names.slice(0, namesShown) : names;
    const more = names.length - shown.length;
    return `  ${licence} (${names.length}): ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  });
  return [`${title}: ${dependencies.length} dependencies`, ...lines];
}

async function overview(only: string | undefined, { fs }: PluginContext): Promise<string> {
  const sections = await Promise.all([npm(fs), cargo(fs), python(fs), go(fs)]);
  const found = sections.filter((section) => section !== undefined);
  if (found.length === 0) return "No package.json, Cargo.toml, pyproject.toml or go.mod is in this workspace.";
  const lines = found.flatMap((section) => show(section, only));
  const silent = found.some(({ dependencies }) => dependencies.some(({ licence }) => licence === undefined));
  return [
    ...lines,
    ...(silent ? [`"${unknown}": neither a lockfile nor an installed package here names a licence`] : []),
  ].join("\n");
}

const licenceOverview = defineTool({
  name: "licence_overview",
  run: ({ licence }: { licence?: string }, context) => overview(licence, context),
});

definePlugin({ tools: [licenceOverview] });
