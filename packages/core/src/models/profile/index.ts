export { nanoProfile, profileForSize, serverProfile } from "./scaffold-profiles.ts";
