/** Called with bytes that are done and bytes in all; `done` never goes back. */
export type Progress = (progress: { done: number; total: number }) => void;
