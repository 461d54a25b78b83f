import { openCodeIndex } from "../../src/codebase/index.ts";
import { smallReader } from "./small-reader.ts";

/** Indexes until so many files are done, says so, and waits to be killed in the middle. */
const [root = "", file = "", files = "0"] = process.argv.slice(2);
let told = false;
using index = openCodeIndex({ root, file, reader: smallReader });
await index.sync({
  onProgress: ({ done }) => {
    if (told || done < Number(files)) return;
    told = true;
    process.stdout.write("now\n");
  },
});
process.stdout.write("done\n");
setInterval(() => undefined, 1000);
