import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { checkValue, shellWord, TrustError } from "@trust-cli/core/protocol";
import { fileError, systemCode } from "@trust-cli/core/workspace";
import { builtInPlugins } from "@trust-cli/plugins/builtin";
import { manifestFile, PluginManifest } from "@trust-cli/plugins/manifest";

import { printResult, type SharedOptions } from "../command.ts";

export async function newPlugin(name: string, folder: string | undefined, options: SharedOptions): Promise<number> {
  const short = name.slice(name.lastIndexOf("/") + 1);
  refuseName(name, short);
  const tool = `${short.replaceAll("-", "_").slice(0, 50)}_hello`;
  const manifest = manifestFor(name, tool);
  checkValue(manifest, PluginManifest, `the name ${name}`, "USAGE");
  const target = resolve(folder ?? short);
  await makeEmptyFolder(target);
  await writeFile(join(target, manifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFile(join(target, "index.js"), codeFor(tool));
  const word = shellWord(folder ?? short);
  const next = `trust plugin dev ${word} --call ${tool} '{"name": "you"}'`;
  printResult(options.json, { id: name, folder: target, files: [manifestFile, "index.js"], next }, () =>
    [`${name} is in ${target}`, `Try it:      ${next}`, `Install it:  trust plugin install ${word}`, ""].join("\n"),
  );
  return 0;
}

function refuseName(name: string, short: string): void {
  const hint = "trust plugin new ANOTHER-NAME";
  if (/^\d/.test(short)) throw new TrustError("USAGE", `the name ${name}: a name begins with a letter`, { hint });
  if (!builtInPlugins.some(({ manifest }) => manifest.id === name)) return;
  throw new TrustError("USAGE", `a plugin named ${name} comes with Trust`, { hint });
}

async function makeEmptyFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if (systemCode(error) !== undefined) throw fileError(error, folder, "write");
    throw error;
  }
  throw new TrustError("USAGE", `${folder} is not empty`, { hint: "trust plugin new NAME ANOTHER-FOLDER" });
}

function manifestFor(id: string, tool: string): object {
  return {
    manifestVersion: 1,
    id,
    version: "0.1.0",
    license: "MIT",
    engine: { sdk: 1 },
    runtime: "isolate",
    entry: "index.js",
    contributes: {
      tools: [
        {
          name: tool,
          description: "Greet somebody, and count the files here",
          inputSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
          annotations: { readOnly: true },
        },
      ],
    },
    permissions: { fs: { read: ["${workspace}/*"] } },
  };
}

const codeFor = (tool: string): string => `import { definePlugin, defineTool } from "@trust-cli/plugins/sdk";

const hello = defineTool({
  name: "${tool}",
  async run({ name }, { fs, log }) {
    log("counting");
    const files = await fs.glob("*");
    return \`Hello \${name}. Files here: \${files.length}.\`;
  },
});

definePlugin({ tools: [hello] });
`;
