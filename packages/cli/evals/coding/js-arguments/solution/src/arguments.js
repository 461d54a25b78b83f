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
    if (word === "--") operands.push(...words.splice(0));
    else if (word.startsWith("--")) readLong(word);
    else if (word.startsWith("-") && word !== "-") readShort(word);
    else operands.push(word);
  }
  return { options, operands };

  function readLong(word) {
    const equals = word.indexOf("=");
    const shown = equals === -1 ? word : word.slice(0, equals);
    const name = shown.slice(2);
    const value = equals === -1 ? undefined : word.slice(equals + 1);
    const negated = name.startsWith("no-") ? name.slice(3) : undefined;
    if (!Object.hasOwn(spec, name) && negated !== undefined && value === undefined && isBoolean(negated)) {
      options[negated] = false;
      return;
    }
    if (!Object.hasOwn(spec, name)) throw new UsageError(`unknown option ${shown}`);
    if (isBoolean(name)) {
      if (value !== undefined) throw new UsageError(`${shown} takes no value`);
      options[name] = true;
    } else store(name, value ?? nextValue(shown));
  }

  function readShort(word) {
    const letters = [...word.slice(1)];
    for (const [index, letter] of letters.entries()) {
      const name = Object.keys(spec).find((one) => spec[one].short === letter);
      if (name === undefined) throw new UsageError(`unknown option -${letter}`);
      if (isBoolean(name)) options[name] = true;
      else if (index < letters.length - 1) throw new UsageError(`-${letter} needs a value`);
      else store(name, nextValue(`-${letter}`));
    }
  }

  function isBoolean(name) {
    return Object.hasOwn(spec, name) && spec[name].type === "boolean";
  }

  function nextValue(shown) {
    const [value] = words;
    if (value === undefined || (value.startsWith("-") && value !== "-")) throw new UsageError(`${shown} needs a value`);
    return words.shift();
  }

  function store(name, value) {
    if (spec[name].multiple) options[name].push(value);
    else options[name] = value;
  }
}
