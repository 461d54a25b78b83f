/** One file or folder of a layer. `name` is relative to the Kitfile's folder, with `/` and without one at the end. */
export interface TarEntry {
  name: string;
  mode: number;
  size: number;
  isFolder: boolean;
}

export const blockSize = 512;
/** Two empty blocks end an archive. */
export const trailer: Buffer = Buffer.alloc(2 * blockSize);
const largestOctal = 8 * 2 ** 30;
const nameLength = 100;

/** How many zero bytes follow a file of this size. */
export const padding = (size: number): number => (blockSize - (size % blockSize)) % blockSize;

/** The header of an entry byte for byte as Go's archive/tar writes it, for owner 1000:0 and no time. */
export function tarHeader({ name, mode, size, isFolder }: TarEntry): Buffer {
  const fields = { type: isFolder ? "5" : "0", mode, size, uid: 1000 };
  const split = splitName(name);
  const records = {
    ...(split === undefined ? { path: name } : {}),
    ...(size >= largestOctal ? { size: String(size) } : {}),
  };
  const main = headerBlock(split ?? { name: onlyAscii(name), prefix: "" }, fields);
  if (Object.keys(records).length === 0) return main;
  const data = Buffer.from(Object.entries(records).map(paxRecord).join(""));
  const extended = headerBlock({ name: paxName(name), prefix: "" }, { type: "x", mode: 0, size: data.length, uid: 0 });
  return Buffer.concat([extended, data, Buffer.alloc(padding(data.length)), main]);
}

interface NameFields {
  name: string;
  prefix: string;
}

/** Undefined when the name does not fit a USTAR header. */
function splitName(name: string): NameFields | undefined {
  if (!isAscii(name)) return undefined;
  if (name.length <= nameLength) return { name, prefix: "" };
  const slash = name.slice(0, 156).lastIndexOf("/");
  const rest = name.length - slash - 1;
  if (slash <= 0 || slash > 155 || rest > nameLength || rest === 0) return undefined;
  return { prefix: name.slice(0, slash), name: name.slice(slash + 1) };
}

interface HeaderFields {
  type: string;
  mode: number;
  size: number;
  uid: number;
}

function headerBlock({ name, prefix }: NameFields, { type, mode, size, uid }: HeaderFields): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(name.slice(0, nameLength), 0, "latin1");
  if (name.length > nameLength) clearTrailingSlashes(block);
  octal(mode, 8).copy(block, 100);
  octal(uid, 8).copy(block, 108);
  octal(0, 8).copy(block, 116);
  octal(size, 12).copy(block, 124);
  octal(0, 12).copy(block, 136);
  block.write(type, 156, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  if (type !== "x") {
    octal(0, 8).copy(block, 329);
    octal(0, 8).copy(block, 337);
  }
  block.write(prefix, 345, "latin1");
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return block;
}

/** Go ends a cut name before slashes, so that a file cannot look like a folder. */
function clearTrailingSlashes(block: Buffer): void {
  for (let at = nameLength - 1; at >= 0 && block[at] === 0x2f; at--) block[at] = 0;
}

/** Zero when the number does not fit: an extended header has it then. */
function octal(value: number, length: number): Buffer {
  const fits = value < 2 ** ((length - 1) * 3);
  return Buffer.from(`${(fits ? value : 0).toString(8).padStart(length - 1, "0")}\u0000`, "latin1");
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord([key, value]: [string, string]): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (String(length).length !== String(bytes).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

function paxName(name: string): string {
  const slash = name.lastIndexOf("/") + 1;
  return onlyAscii(`${name.slice(0, slash)}PaxHeaders.0/${name.slice(slash)}`)
    .slice(0, nameLength)
    .replace(/\/+$/, "");
}

// oxlint-disable-next-line no-control-regex -- ASCII without NUL is what a header can hold
const isAscii = (text: string): boolean => /^[\u0001-\u007f]*$/.test(text);
// oxlint-disable-next-line no-control-regex -- as above
const onlyAscii = (text: string): string => text.replaceAll(/[^\u0001-\u007f]/g, "");
