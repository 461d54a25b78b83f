import type { ApprovalDecision, ApprovalRequest } from "@trust-cli/core/protocol";

/** A request between its `approval-start` and the decision. Ids repeat from turn to turn; the request is its own. */
interface Pending {
  request: ApprovalRequest;
  /** Set by the person before the engine asked. */
  early?: ApprovalDecision;
  /** Set once the engine asked. */
  resolve?: (decision: ApprovalDecision) => void;
}

/**
 * Approvals that wait for a person: the engine asks, the front end decides by call id, in either order. A decision
 * counts only for the request that was announced last under its id, and only once.
 */
export class PendingApprovals {
  readonly #pending = new Map<string, Pending>();

  /** Announces a request, before the front end sees it. The engine may have asked already: it does not wait for events. */
  expect(request: ApprovalRequest): void {
    if (this.#pending.get(request.call.id)?.request !== request) this.#pending.set(request.call.id, { request });
  }

  /** Resolves with the person's decision, or with `no` when the turn is cancelled first. */
  readonly ask = (request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision> => {
    const { id } = request.call;
    const announced = this.#pending.get(id);
    const early = announced?.request === request ? announced.early : undefined;
    const { promise, resolve } = Promise.withResolvers<ApprovalDecision>();
    const cancelled = (): void => this.decide(id, { decision: "no", reason: "the turn was cancelled" });
    this.#pending.set(id, {
      request,
      resolve: (decision) => {
        signal.removeEventListener("abort", cancelled);
        resolve(decision);
      },
    });
    if (signal.aborted) cancelled();
    else if (early !== undefined) this.decide(id, early);
    else signal.addEventListener("abort", cancelled, { once: true });
    return promise;
  };

  /** A decision for a call that waits for none is dropped. */
  decide(callId: string, decision: ApprovalDecision): void {
    const pending = this.#pending.get(callId);
    if (pending === undefined) return;
    if (pending.resolve === undefined) {
      pending.early = decision;
      return;
    }
    this.#pending.delete(callId);
    pending.resolve(decision);
  }
}
