export {
  type AgentEvent,
  type ApprovalDecision,
  type ApprovalRequest,
  assertNever,
  type Evidence,
  type FileDiff,
  type Preview,
  type Risk,
  type StopReason,
} from "./agent-events.ts";
export { AsyncQueue } from "./async-queue.ts";
export { PlanItem } from "./plan.ts";
export type { Diagnostic, TestFailure, TestReport } from "./checks.ts";
export type { Definition, FileTags, Import, ParseError, Reference, SymbolKind } from "./code.ts";
export {
  type ErrorBody,
  type ErrorCode,
  errorBody,
  errorKinds,
  type ExitKind,
  exitStatus,
  failure,
  isAbort,
  ok,
  type Result,
  TrustError,
} from "./errors.ts";
export { checkValue, describeIssues, parseJson, parseUnknownJson } from "./json.ts";
export { isLoopbackHost } from "./loopback.ts";
export {
  asSent,
  AssistantMessage,
  type Attachment,
  isSaidByPerson,
  Message,
  SystemMessage,
  ToolMessage,
  ToolStatus,
  UserMessage,
} from "./messages.ts";
export {
  addUsage,
  type FinishReason,
  type ModelEvent,
  noUsage,
  type ParsedEvent,
  type PrefixBreak,
  type Usage,
} from "./model-events.ts";
export { parseSize, sizeText } from "./size-text.ts";
export { oneLine, shellWord, titleOf } from "./words.ts";
export {
  CallRoute,
  type Candidates,
  candidatesFor,
  type JsonSchema,
  type JsonSchemaObject,
  Repair,
  ToolCall,
  type ToolChoice,
  type ToolSignature,
} from "./tool-call.ts";
