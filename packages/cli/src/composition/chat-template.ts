import { type ModelReference, readGgufHeader } from "@trust-cli/core/models";
import { TrustError } from "@trust-cli/core/protocol";

/** Throws MODEL_INVALID for a model file that cannot hold a conversation. Only the file's header is read. */
export function requireChatTemplate(reference: ModelReference): void {
  if (reference.kind !== "file") return;
  const header = readGgufHeader(reference.path);
  if (!header.ok) throw header.error;
  if (header.value.chatTemplate !== undefined) return;
  throw new TrustError("MODEL_INVALID", `${reference.id} has no chat template, so it cannot hold a conversation`, {
    hint: "choose an instruct or chat version of this model",
  });
}
