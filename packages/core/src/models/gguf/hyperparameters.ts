import { BrokenGguf } from "./bounded-reader.ts";
import { Keys } from "./keys.ts";
import type { Metadata } from "./metadata.ts";

/** LLAMA_MAX_EXPERTS of llama.cpp. */
const mostExperts = 1024;
/** With one expert they count as having none. */
const oneExpertIsNone = new Set(["hunyuan-dense", "hunyuan_vl"]);
const nothingButExperts = new Set(["bailingmoe2", "glm4moe", "grovemoe", "lfm2moe", "llada-moe", "smallthinker"]);
/** Their recurrent layers are twice as wide as the others. */
const doubleInnerWidth = new Set(["granitehybrid", "jamba"]);
const ropeScalings = new Set(["none", "linear", "yarn", "longrope"]);

/** Checks the numbers that llama.cpp asserts, which ends the process (llama-model.cpp, `load_hparams`, and models/). */
export function checkHyperparameters(metadata: Metadata, architecture: string, blockCount: number): void {
  const keys = new Keys(metadata, architecture);
  const wrong = (name: string, value: unknown): BrokenGguf =>
    new BrokenGguf(`its value ${architecture}.${name} is ${JSON.stringify(value)}`);
  checkExperts(keys, wrong);
  const predicted = keys.number("nextn_predict_layers") ?? 0;
  if (predicted > blockCount) throw wrong("nextn_predict_layers", predicted);
  const scaling = metadata.text(`${architecture}.rope.scaling.type`) ?? "none";
  if (!ropeScalings.has(scaling)) throw wrong("rope.scaling.type", scaling.slice(0, 32));
  checkSections(keys, wrong);
  const inner = keys.number("ssm.inner_size");
  const width = keys.number("embedding_length") ?? 0;
  if (doubleInnerWidth.has(architecture) && inner !== undefined && inner !== 2 * width) {
    throw wrong("ssm.inner_size", inner);
  }
}

type Wrong = (name: string, value: unknown) => BrokenGguf;

function checkExperts(keys: Keys, wrong: Wrong): void {
  const said = keys.number("expert_count") ?? 0;
  const count = said === 1 && oneExpertIsNone.has(keys.architecture) ? 0 : said;
  const used = keys.largest("expert_used_count") ?? 0;
  if (count > mostExperts) throw wrong("expert_count", count);
  if (count === 0 && nothingButExperts.has(keys.architecture)) throw wrong("expert_count", count);
  const usesNone = count > 0 && used === 0;
  if (used > count || usesNone) throw wrong("expert_used_count", used);
  checkGroups(keys, count, wrong);
}

function checkGroups(keys: Keys, experts: number, wrong: Wrong): void {
  const groups = keys.number("expert_group_count") ?? 0;
  const used = keys.number("expert_group_used_count") ?? 0;
  if (groups > 0 && groups >= experts) throw wrong("expert_group_count", groups);
  if (groups <= 1) return;
  if (experts % groups !== 0) throw wrong("expert_group_count", groups);
  if (used === 0 || used >= groups) throw wrong("expert_group_used_count", used);
}

/** Positions with several parts must have one part at least. */
function checkSections(keys: Keys, wrong: Wrong): void {
  const sections = keys.list("rope.dimension_sections");
  const isNeeded = sections !== undefined || keys.architecture === "paddleocr";
  if (isNeeded && !(sections ?? []).slice(0, 3).some((size) => size > 0)) {
    throw wrong("rope.dimension_sections", sections?.slice(0, 4));
  }
}
