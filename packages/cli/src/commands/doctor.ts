import { exitStatus } from "@trust-cli/core/protocol";

import { createAppToLook } from "../composition/app.ts";
import { type CheckResult, checks } from "../doctor/checks.ts";
import { writeText } from "../print/output.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";
import { interruptSignal } from "./interrupt.ts";

export const doctorCommand: CommandModule = {
  register(program, run) {
    const doctor = program
      .command("doctor")
      .description("check that everything Trust needs works here")
      .option("--json", "one JSON value on stdout")
      .option("-m, --model <model>", "check this model")
      .option("--hardware", "show processor, memory, GPUs and what was measured instead")
      .addHelpText("after", "\nExample:\n  trust doctor --json");
    doctor.action(() => {
      const options = sharedOptions(doctor);
      return run(() => (doctor.opts()["hardware"] === true ? showHardware(options) : examine(options)));
    });
  },
};

async function examine(options: SharedOptions): Promise<number> {
  const app = await createAppToLook(options);
  using interrupt = interruptSignal();
  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = await check(app, interrupt.signal);
    results.push(result);
    if (options.json !== true) writeText(line(result));
  }
  const failed = results.some(({ status }) => status === "fail");
  const notable = results.filter(({ status }) => status !== "ok").length;
  printResult(options.json, { ok: !failed, checks: results }, () =>
    notable === 0 ? " all is well\n" : ` ${notable} ${notable === 1 ? "thing" : "things"} to look at\n`,
  );
  return failed ? exitStatus.missing : exitStatus.done;
}

async function showHardware(options: SharedOptions): Promise<number> {
  const app = await createAppToLook(options);
  using interrupt = interruptSignal();
  const { examineHardware } = await import("../doctor/hardware.ts");
  const { hardwareLines } = await import("../doctor/hardware-lines.ts");
  const report = await examineHardware(app, interrupt.signal);
  printResult(options.json, report, () => hardwareLines(report));
  return "error" in report.backends.found ? exitStatus.missing : exitStatus.done;
}

const marks = { ok: "✓", warn: "!", fail: "✗" } as const;

function line({ name, status, detail, remedy }: CheckResult): string {
  const next = remedy === undefined ? "" : `     ${remedy}\n`;
  return ` ${marks[status]} ${name}: ${detail}\n${next}`;
}
