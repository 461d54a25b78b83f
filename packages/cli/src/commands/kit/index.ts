import { type Command, Option } from "commander";

import { type CommandModule, type Run, sharedOptions } from "../command.ts";
import type { PackFlags, UnpackFlags } from "./local.ts";
import type { NetworkFlags } from "./remote.ts";

/** The code of the verbs is only loaded when one is used. */
export const kitCommand: CommandModule = {
  register(program, run) {
    const kit = program.command("kit").description("ModelKits: models and what belongs to them, packed and verified");
    registerPack(kit, run);
    registerUnpack(kit, run);
    registerNetwork(kit, run);
    registerLooking(kit, run);
  },
};

function registerPack(kit: Command, run: Run): void {
  const pack = describe(kit.command("pack <folder>"), {
    does: "pack a folder as its Kitfile says, under a name",
    example: "trust kit pack ./my-model -t team/my-model:1.0",
  })
    .requiredOption("-t, --tag <reference>", "the name of the kit, such as team/model:1.0,latest")
    .option("-f, --file <kitfile>", "another Kitfile than the one in the folder")
    .addOption(new Option("--compression <kind>").choices(["none", "gzip"]).default("none"));
  pack.action((folder: string) => run(async () => (await import("./local.ts")).pack(folder, flagsOf<PackFlags>(pack))));
}

function registerUnpack(kit: Command, run: Run): void {
  const unpack = describe(kit.command("unpack <reference>"), {
    does: "write the files of a kit, after every digest was right",
    example: "trust kit unpack team/my-model:1.0 -d ./out -f model,docs",
  })
    .option("-d, --dir <folder>", "where to; the current folder when not said")
    .option("-o, --overwrite", "replace files that are there")
    .option("-i, --ignore-existing", "keep files that are there")
    .option("-f, --filter <types[:names]>", "only these: model, docs, code, datasets, prompts, kitfile", collect);
  unpack.action((reference: string) =>
    run(async () => (await import("./local.ts")).unpack(reference, flagsOf<UnpackFlags>(unpack))),
  );
}

function registerNetwork(kit: Command, run: Run): void {
  const push = describe(kit.command("push <source> [target]"), {
    does: "bring a kit to a registry",
    example: "trust kit push team/my-model:1.0 registry.example.com/team/my-model:1.0",
  }).option("--plain-http", "allow connections without encryption");
  push.action((source: string, target: string | undefined) =>
    run(async () => (await import("./remote.ts")).push(source, target, flagsOf<NetworkFlags>(push))),
  );
  const pull = describe(kit.command("pull <reference>"), {
    does: "fetch a kit from a registry; what is here already is not fetched again",
    example: "trust kit pull registry.example.com/team/my-model:1.0",
  }).option("--plain-http", "allow connections without encryption");
  pull.action((reference: string) =>
    run(async () => (await import("./remote.ts")).pull(reference, flagsOf<NetworkFlags>(pull))),
  );
}

function registerLooking(kit: Command, run: Run): void {
  const list = describe(kit.command("list"), { does: "the kits on this machine", example: "trust kit list" });
  list.action(() => run(async () => (await import("./local.ts")).list(sharedOptions(list))));
  const inspect = describe(kit.command("inspect <reference>"), {
    does: "the Kitfile and the layers of a kit",
    example: "trust kit inspect team/my-model:1.0",
  });
  inspect.action((reference: string) =>
    run(async () => (await import("./local.ts")).inspect(reference, sharedOptions(inspect))),
  );
  const verify = describe(kit.command("verify <reference>"), {
    does: "read every byte of a kit again and compare it with its digests",
    example: "trust kit verify team/my-model:1.0",
  });
  verify.action((reference: string) =>
    run(async () => (await import("./local.ts")).verify(reference, sharedOptions(verify))),
  );
  const remove = describe(kit.command("remove <reference>"), {
    does: "take a name away, and the kit with it when it has no other",
    example: "trust kit remove team/my-model:1.0",
  });
  remove.action((reference: string) =>
    run(async () => (await import("./local.ts")).remove(reference, sharedOptions(remove))),
  );
}

function describe(command: Command, { does, example }: { does: string; example: string }): Command {
  return command
    .description(does)
    .option("--json", "one JSON value on stdout")
    .addHelpText("after", `\nExample:\n  ${example}`);
}

const flagsOf = <T>(command: Command): T => command.optsWithGlobals<T & Record<string, unknown>>();
const collect = (value: string, previous: string[] | undefined): string[] => [...(previous ?? []), value];
