import { TrustError } from "../protocol/errors.ts";

export type FileAction = "read" | "write";

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is too large for the file system",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is a file, not a directory",
  ELOOP: "it is a symbolic link that leads nowhere, or was just replaced by one",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open",
  EBUSY: "it is in use",
};

/** The system's code of a failed file operation, such as `ENOENT`; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Puts a failed file operation into words without machine paths. Errors that are not the system's are rethrown. */
export function fileError(error: unknown, name: string, action: FileAction): TrustError {
  if (error instanceof TrustError) return error;
  const code = systemCode(error);
  if (code === undefined) throw error;
  if (code === "ENOENT") return missingFile(name);
  const consequence = action === "write" ? "; nothing was changed" : "";
  const message = `cannot ${action} ${name}: ${reasons[code] ?? code}${consequence}`;
  return new TrustError("FILE_FAILED", message, { cause: error });
}

export function missingFile(name: string): TrustError {
  const pattern = JSON.stringify(name.slice(name.lastIndexOf("/") + 1));
  return new TrustError("FILE_FAILED", `no such file: ${name}`, {
    hint: `To look for it: find_files {"pattern": ${pattern}}`,
  });
}
