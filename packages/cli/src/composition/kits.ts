import { homedir } from "node:os";
import { join } from "node:path";

import type { TrustPaths } from "@trust-cli/core/config";
import { type KitStore, type Network, openKitStore } from "@trust-cli/core/modelkit";

import type { App } from "./app.ts";

/** The kits of this person on this machine. */
export function openKits(paths: TrustPaths): Promise<KitStore> {
  return openKitStore(join(paths.data, "kits"));
}

/** Where models that were taken out of kits are kept. */
export const modelsFolder = ({ data }: TrustPaths): string => join(data, "models");

/** Our own credentials come first, then Docker's. */
export function kitNetwork({ paths, environment, config }: App, plainHttp: boolean): Network {
  const docker = environment["DOCKER_CONFIG"] ?? join(environment["HOME"] ?? homedir(), ".docker");
  return {
    credentialFiles: [join(paths.config, "credentials.json"), join(docker, "config.json")],
    plainHttp,
    offline: config.offline,
  };
}
