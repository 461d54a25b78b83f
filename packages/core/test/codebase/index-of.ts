import { rmSync } from "node:fs";
import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type CodeIndex, openCodeIndex } from "../../src/codebase/index.ts";
import { smallReader } from "./small-reader.ts";

export interface TestIndex extends Disposable {
  readonly index: CodeIndex;
  readonly file: string;
}

/** An index of a folder in a database of its own, gone when it is disposed. */
export async function indexOf(root: string, reader = smallReader): Promise<TestIndex> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "trust-index-")));
  const file = join(folder, "index.db");
  const index = openCodeIndex({ root, file, reader });
  return {
    index,
    file,
    [Symbol.dispose]: () => {
      index[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
