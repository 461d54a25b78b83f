import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { freePort, untilItAnswers } from "./real-server.ts";
import { scriptedGguf, type ScriptedGgufOptions } from "./scripted-gguf.ts";

const cache = process.env["TRUST_INTEROP_CACHE"] ?? join(homedir(), ".cache", "trust-interop");
const binary = join(cache, "ollama", "ollama");

/** A real Ollama server of its own, with a folder of its own, that goes nowhere else. */
export interface RealOllama extends AsyncDisposable {
  readonly url: string;
  /** Makes a model of a scripted GGUF. `tools`: its template knows tools. */
  create(name: string, options: ScriptedGgufOptions & { tools: boolean }): Promise<void>;
  /** Makes a model as a Modelfile says. */
  createFrom(name: string, modelfile: string): Promise<void>;
}

/** Is there an Ollama to start? `npm run interop:setup` builds it. */
export const hasRealOllama = (): boolean => existsSync(binary);

export async function realOllama(): Promise<RealOllama> {
  if (!hasRealOllama()) throw new Error(`${binary} is missing. Run: npm run interop:setup`);
  const folder = await mkdtemp(join(tmpdir(), "trust-ollama-"));
  const address = `127.0.0.1:${await freePort()}`;
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    OLLAMA_HOST: address,
    OLLAMA_MODELS: join(folder, "models"),
    OLLAMA_NO_CLOUD: "1",
  };
  const server = spawn(binary, ["serve"], { env, stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const url = `http://${address}`;
  await untilItAnswers(`${url}/api/version`);
  const createFrom: RealOllama["createFrom"] = async (name, text) => {
    const file = join(folder, `${name}.Modelfile`);
    await writeFile(file, text);
    await promisify(execFile)(binary, ["create", name, "-f", file], { env });
  };
  return {
    url,
    createFrom,
    async create(name, { tools, ...options }) {
      const weights = join(folder, `${name}.gguf`);
      await scriptedGguf(weights, options);
      await createFrom(name, modelfile(weights, tools));
    },
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One thread: with more, a tiny model spends its time waiting for them. */
const modelfile = (weights: string, tools: boolean): string => `FROM ${weights}
PARAMETER num_thread 1
PARAMETER temperature 0
TEMPLATE """${tools ? toolTemplate : plainTemplate}"""
`;

const plainTemplate = `{{ range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
`;

/** In the form of Qwen 2.5. Ollama reads the marker of calls from what follows `if .ToolCalls`. */
const toolTemplate = `{{- if .Tools }}<|im_start|>system
# Tools
<tools>
{{- range .Tools }}
{"type": "function", "function": {{ .Function }}}
{{- end }}
</tools>
For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call><|im_end|>
{{ end }}
{{- range .Messages }}
{{- if eq .Role "assistant" }}<|im_start|>assistant
{{ .Content }}{{ if .ToolCalls }}{{ range .ToolCalls }}<tool_call>
{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}
</tool_call>{{ end }}{{ end }}<|im_end|>
{{ else if eq .Role "tool" }}<|im_start|>user
<tool_response>
{{ .Content }}
</tool_response><|im_end|>
{{ else }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}
{{- end }}<|im_start|>assistant
`;
