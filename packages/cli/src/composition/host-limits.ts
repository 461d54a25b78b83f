import type { Config } from "@trust-cli/core/config";
import { parseSize } from "@trust-cli/core/protocol";

/** What all local models may use together, as far as the settings limit it. Sizes in bytes. */
export interface HostLimits {
  threads?: number;
  ramBytes?: number;
  vramBytes?: number;
}

export function hostLimits({ host: { threads, maxRam, maxVram } }: Pick<Config, "host">): HostLimits {
  const ramBytes = maxRam === undefined ? undefined : parseSize(maxRam);
  const vramBytes = maxVram === undefined ? undefined : parseSize(maxVram);
  return {
    ...(threads === undefined ? {} : { threads }),
    ...(ramBytes === undefined ? {} : { ramBytes }),
    ...(vramBytes === undefined ? {} : { vramBytes }),
  };
}
