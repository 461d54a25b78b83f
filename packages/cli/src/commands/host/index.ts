import { type Command, InvalidArgumentError } from "commander";

import { type CommandModule, type Run, sharedOptions } from "../command.ts";

const json = ["--json", "one JSON value on stdout"] as const;
const usualLines = 50;

export const hostCommand: CommandModule = {
  register(program, run) {
    const host = program.command("host").description("the process that runs local models");
    registerRunning(host, run);
    registerBackend(host, run);
    registerTools(host, run);
  },
};

function registerRunning(host: Command, run: Run): void {
  const status = host
    .command("status")
    .description("whether the shared model host runs, its models, clients and memory")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust host status --json");
  status.action(() => run(async () => (await import("./running.ts")).showStatus(sharedOptions(status))));
  const stop = host
    .command("stop")
    .description("end the shared model host")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust host stop");
  stop.action(() => run(async () => (await import("./running.ts")).stopHost(sharedOptions(stop))));
  const logs = host
    .command("logs")
    .description("what the shared model host and llama.cpp wrote")
    .option("-n, --lines <number>", "how many lines, the newest", lineCount, usualLines)
    .option("--json", "one JSON object a line")
    .addHelpText("after", "\nExample:\n  trust host logs -n 20");
  logs.action(() => run(async () => (await import("./running.ts")).showLogs(logs.optsWithGlobals())));
}

function registerBackend(host: Command, run: Run): void {
  const backend = host.command("backend").description("what llama.cpp computes on");
  const list = backend
    .command("list")
    .description("the backends that are installed")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust host backend list");
  list.action(() => run(async () => (await import("./backend.ts")).listBackends(sharedOptions(list))));
  const install = backend
    .command("install <backend>")
    .description("fetch the vulkan or cuda binary from the npm registry")
    .option("--yes", "agree to the download")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust host backend install vulkan");
  install.action((name: string) =>
    run(async () => (await import("./backend.ts")).installOne(name, sharedOptions(install))),
  );
}

function registerTools(host: Command, run: Run): void {
  const tools = host.command("tools").description("llama.cpp's own programs, which quantise and measure models");
  const build = tools
    .command("build")
    .description("compile them from the source that comes with Trust")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust host tools build");
  build.action(() => run(async () => (await import("./tools.ts")).buildTools(sharedOptions(build))));
}

function lineCount(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("it must be a whole number above 0");
  return number;
}
