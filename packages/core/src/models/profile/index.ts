export { refineProfile } from "./refine-profile.ts";
export { overrideProfile, type ScaffoldOverrides } from "./override-profile.ts";
export { nanoProfile, profileForServer, profileForSize, serverProfile } from "./scaffold-profiles.ts";
