const kinds: readonly (readonly [test: (start: string) => boolean, description: string])[] = [
  [(start) => start.startsWith("PK"), "it is a zip archive, perhaps a PyTorch checkpoint; convert it to GGUF"],
  [(start) => start[0] === "\u0080" && start.charCodeAt(1) <= 5, "it is a Python pickle; convert it to GGUF"],
  [(start) => /^<(!doc|html|\?xml)/i.test(start), "it is a web page; the download went wrong"],
  [(start) => start.startsWith("version "), "it is a Git LFS pointer; run git lfs pull"],
  [(start) => start.startsWith("\u001f\u008b"), "it is a gzip archive; unpack it"],
  [(start) => /^(ggml|ggjt|ggmf|lmgg|tjgg)/.test(start), "it is in a format older than GGUF; convert it"],
  [(start) => start[0] === "{" || start[8] === "{", "it is JSON or safetensors; convert it to GGUF"],
];

/** Says what a file is, judging by its first bytes; nine are enough. */
export function describeForeignFile(bytes: Buffer): string {
  const start = bytes.toString("latin1");
  const found = kinds.find(([test]) => test(start));
  return found?.[1] ?? "it does not begin like a GGUF file";
}
