export {
  putBack,
  removeAbandoned,
  type StagedChange,
  stageFile,
  stageRemoval,
  writeFileAtomically,
} from "./atomic-write.ts";
export { type ChangeLog, changeMarkers, type FileChange } from "./change-log.ts";
export { commandEnvironment } from "./command-environment.ts";
export { fileError, missingFile, oneLine, systemCode } from "./file-errors.ts";
export { LineSplitter } from "./line-splitter.ts";
export { instructionsText, type ProjectInstructions, readProjectInstructions } from "./project-instructions.ts";
export { createReadLedger, type ReadLedger } from "./read-ledger.ts";
export { cutLine, type LineRange, type ScannedLines, scanLines } from "./scan-lines.ts";
export { openFile } from "./open-file.ts";
export { runShell, type ShellEnd } from "./shell-process.ts";
export { confirmText, encodeText, readTextFile, type TextFile, versionOf } from "./text-file.ts";
export { openWorkspace, type ResolvedPath, slashes, type Workspace } from "./workspace.ts";
