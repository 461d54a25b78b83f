/**
 * Sets up acpx, an editor for the terminal that speaks the Agent Client Protocol and knows nothing of Trust.
 * Usage: node scripts/interop/acpx.ts
 */
import { cacheFolder, installPackages } from "./cache.ts";

await installPackages(cacheFolder("acpx"), { acpx: "0.19.1" });
