export { findModelFiles, type FoundFile } from "./find-model-files.ts";
export { findServers, type FindOptions, type FoundModel, type FoundServer } from "./find-servers.ts";
