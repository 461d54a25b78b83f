/** What a GPU backend says of its devices; the model host measures it. Sizes in bytes. */
export interface GpuFacts {
  backend: "cuda" | "vulkan" | "metal";
  devices: readonly GpuDevice[];
  /** The devices use the machine's own RAM. */
  unified: boolean;
}

export interface GpuDevice {
  name: string;
  totalBytes: number;
  freeBytes: number;
}

const leastMargin = 256 * 2 ** 20;
const marginShare = 0.05;

/**
 * What may be planned on all devices together. A margin stays free on each, for the driver and for what other programs
 * take meanwhile: running out of it ends the process.
 */
export function plannableVram({ devices }: GpuFacts): number {
  const ofDevice = ({ totalBytes, freeBytes }: GpuDevice): number =>
    Math.max(0, freeBytes - Math.max(leastMargin, totalBytes * marginShare));
  return Math.floor(devices.reduce((sum, device) => sum + ofDevice(device), 0));
}
