export { findSecrets, type FoundSecret } from "./secret-rules.ts";
export { blockRemoteConnections } from "./offline.ts";
export { revealControls, stripTerminalControls, stripTerminalDelta, type StrippedDelta } from "./terminal-text.ts";
