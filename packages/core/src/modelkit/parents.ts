import { TrustError } from "../protocol/errors.ts";
import { parentReference } from "./kitfile/layers.ts";
import type { Kit, KitStore } from "./store/kit-store.ts";

const longestChain = 10;

/** A kit, then the one its model comes from, and so on. Throws KIT_INVALID for a chain that is too long or a circle. */
export async function kitsWithParents(store: KitStore, reference: string): Promise<[Kit, ...Kit[]]> {
  const kits: [Kit, ...Kit[]] = [await store.read(reference)];
  let parent = parentReference(kits[0].kitfile);
  while (parent !== undefined) {
    if (kits.length > longestChain) {
      throw new TrustError("KIT_INVALID", `more than ${longestChain} kits build on each other from ${reference}`);
    }
    const kit = await store.read(parent);
    if (kits.some(({ descriptor }) => descriptor.digest === kit.descriptor.digest)) {
      throw new TrustError("KIT_INVALID", `the kits that ${reference} builds on form a circle at ${parent}`);
    }
    kits.push(kit);
    parent = parentReference(kit.kitfile);
  }
  return kits;
}
