/** Packs, pulls or holds work open in a store, in a process of its own, until it is killed or done. */
import { openKitStore, packKit, parseReferences, pullKit } from "../../src/modelkit/index.ts";

const [verb, root = "", argument = "", reference = "kit:1"] = process.argv.slice(2);
const store = await openKitStore(root);
const { signal } = new AbortController();
const say = (word: string): void => void process.stdout.write(`${word}\n`);
const onProgress = ({ done, total }: { done: number; total: number }): void => say(`progress ${done / total}`);
if (verb === "pack") {
  await packKit({ store, folder: argument, references: parseReferences(reference), signal, onProgress });
} else if (verb === "pull") {
  const network = { credentialFiles: [], plainHttp: false, offline: false };
  await pullKit({ store, reference: argument, network, signal, onProgress });
} else {
  await using _work = await store.beginWork(signal);
  say("working");
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}
say("done");
