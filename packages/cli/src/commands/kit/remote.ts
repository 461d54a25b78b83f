import { pullKit, pushKit } from "@trust-cli/core/modelkit";

import { createAppToLook } from "../../composition/app.ts";
import { kitNetwork, openKits } from "../../composition/kits.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressLine, sizeText } from "./progress-line.ts";

export type NetworkFlags = SharedOptions & { plainHttp?: true };

export async function push(source: string, target: string | undefined, flags: NetworkFlags): Promise<number> {
  const app = await createAppToLook(flags);
  using interrupt = interruptSignal();
  using progress = progressLine("pushing");
  const pushed = await pushKit({
    store: await openKits(app.paths),
    source,
    target: target ?? source,
    network: kitNetwork(app, flags.plainHttp === true),
    signal: interrupt.signal,
    onProgress: progress.onProgress,
  });
  const { sent, mounted, there } = pushed.blobs;
  printResult(flags.json, pushed, () => {
    return `Pushed ${pushed.reference}: ${sent} blobs sent, ${mounted + there} there already\n${pushed.digest}\n`;
  });
  return 0;
}

export async function pull(reference: string, flags: NetworkFlags): Promise<number> {
  const app = await createAppToLook(flags);
  using interrupt = interruptSignal();
  using progress = progressLine("pulling");
  const pulled = await pullKit({
    store: await openKits(app.paths),
    reference,
    network: kitNetwork(app, flags.plainHttp === true),
    signal: interrupt.signal,
    onProgress: progress.onProgress,
  });
  printResult(flags.json, pulled, () => `Pulled ${pulled.reference} (${sizeText(pulled.bytes)})\n${pulled.digest}\n`);
  return 0;
}
