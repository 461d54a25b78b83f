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
  EIO: "the disk failed",
  EXDEV: "it lies on another file system",
};

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g;
const mostShown = 300;

/** A name as a part of one line: what could begin another line or steer a terminal is a question mark. */
export const oneLine = (name: string): string => name.replaceAll(controls, "?");

const shown = (name: string): string =>
  name.length <= mostShown ? oneLine(name) : `${oneLine(name.slice(0, mostShown))}…`;

const seeRights = "See to the rights of the file and its folder, then try again";
const seeSpace = "Free some space, then try again";

const hints: Readonly<Record<string, string>> = {
  EACCES: seeRights,
  EPERM: seeRights,
  EROFS: seeRights,
  ENOSPC: seeSpace,
  EDQUOT: seeSpace,
  ELOOP: "Name the file that it should lead to",
  ENAMETOOLONG: "Use a shorter name",
  EXDEV: "Name a place on the same disk, or copy the file by a command",
  EIO: "See to the disk, then try again",
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
  const message = `cannot ${action} ${shown(name)}: ${reasons[code] ?? code}${consequence}`;
  return new TrustError("FILE_FAILED", message, { cause: error, hint: hints[code] });
}

export function missingFile(name: string): TrustError {
  const pattern = JSON.stringify(shown(name.slice(name.lastIndexOf("/") + 1)));
  return new TrustError("FILE_FAILED", `no such file: ${shown(name)}`, {
    hint: `To look for it: find_files {"pattern": ${pattern}}`,
  });
}
