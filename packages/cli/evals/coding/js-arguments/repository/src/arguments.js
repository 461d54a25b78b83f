import { UsageError } from "./usage-error.js";

/**
 * Reads `argv` by `spec`, an object from option names to `{ type: "boolean" | "string", short?, multiple? }`. Returns
 * `{ options, operands }`; boolean options that were not given are false, others undefined, lists empty.
 */
export function parseArguments(argv, spec) {
  const options = {};
  for (const [name, { type, multiple }] of Object.entries(spec)) {
    options[name] = multiple ? [] : type === "boolean" ? false : undefined;
  }
  const operands = [];
  const words = [...argv];
  while (words.length > 0) {
    const word = words.shift();
    if (word.startsWith("--")) readOption(word, word.slice(2), words);
    else if (word.startsWith("-")) readOption(word, byShort(spec, word.slice(1)), words);
    else operands.push(word);
  }
  return { options, operands };

  function readOption(shown, name, rest) {
    const option = spec[name];
    if (option === undefined) throw new UsageError(`unknown option ${shown}`);
    options[name] = option.type === "boolean" ? true : rest.shift();
  }
}

const byShort = (spec, letter) => Object.keys(spec).find((name) => spec[name].short === letter);
