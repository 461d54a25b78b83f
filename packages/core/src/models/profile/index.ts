export { refineProfile } from "./refine-profile.ts";
export { nanoProfile, profileForSize, serverProfile } from "./scaffold-profiles.ts";
