import type { FromView } from "../src/messages.ts";

interface VsCodeApi {
  postMessage(message: FromView): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

export const send = (message: FromView): void => api.postMessage(message);

export const saveDraft = (draft: string): void => api.setState({ draft });

export function savedDraft(): string {
  const state = api.getState() as { draft?: unknown } | undefined;
  return typeof state?.draft === "string" ? state.draft : "";
}
