import type { Tool } from "../ports/tool.ts";
import { applyPatchTool } from "./apply-patch.ts";
import { changeAndTestTool } from "./change-and-test.ts";
import type { CodeAccess } from "./code-access.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { editFileTool } from "./edit-file.ts";
import { editSymbolTool } from "./edit-symbol.ts";
import { findFilesTool } from "./find-files.ts";
import { findReferencesTool } from "./find-references.ts";
import { findSymbolTool } from "./find-symbol.ts";
import { listDirectoryTool } from "./list-directory.ts";
import { deleteFileTool, moveFileTool } from "./move-file.ts";
import { multiEditTool } from "./multi-edit.ts";
import { outlineTool } from "./outline.ts";
import { planTool } from "./plan.ts";
import { readFileTool } from "./read-file.ts";
import { replaceLinesTool } from "./replace-lines.ts";
import { runChecksTool } from "./run-checks.ts";
import { runCommandTool } from "./run-command.ts";
import { runTestsTool } from "./run-tests.ts";
import { searchAndReadTool } from "./search-and-read.ts";
import { searchCodeTool } from "./search-code.ts";
import { searchDocsTool } from "./search-docs.ts";
import { searchTextTool } from "./search-text.ts";
import { writeFileTool } from "./write-file.ts";

export { createReadLedger, type ReadLedger } from "../workspace/index.ts";
export type { CodeAccess } from "./code-access.ts";
export type { ToolDependencies } from "./dependencies.ts";
export type { DocsAccess } from "./docs-access.ts";
export { createEditFailures, type EditFailures } from "./edit-failures.ts";
export { defaultLimits, type ToolLimits } from "./limits.ts";
export { builtInNames } from "./names.ts";
export { runRipgrep } from "./ripgrep.ts";
export { toolSignature } from "./signature.ts";

/** In prompt order. Names, descriptions and parameters of the first seven are those that the built-in model was trained on. */
export function builtInTools(dependencies: ToolDependencies): readonly Tool[] {
  return [
    listDirectoryTool(dependencies),
    findFilesTool(dependencies),
    searchTextTool(dependencies),
    readFileTool(dependencies),
    writeFileTool(dependencies),
    editFileTool(dependencies),
    runCommandTool(dependencies),
    multiEditTool(dependencies),
    replaceLinesTool(dependencies),
    applyPatchTool(dependencies),
    moveFileTool(dependencies),
    deleteFileTool(dependencies),
    runTestsTool(dependencies),
    runChecksTool(dependencies),
    changeAndTestTool(dependencies),
    planTool(),
    ...(dependencies.code === undefined ? [] : codeTools(dependencies, dependencies.code)),
    ...(dependencies.docs === undefined ? [] : [searchDocsTool(dependencies, dependencies.docs)]),
  ];
}

const codeTools = (dependencies: ToolDependencies, code: CodeAccess): Tool[] => [
  searchCodeTool(dependencies, code),
  searchAndReadTool(dependencies, code),
  editSymbolTool(dependencies, code),
  outlineTool(dependencies, code),
  findSymbolTool(dependencies, code),
  findReferencesTool(dependencies, code),
];
