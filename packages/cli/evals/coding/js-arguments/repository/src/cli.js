import { parseArguments } from "./arguments.js";
import { UsageError } from "./usage-error.js";

const spec = {
  verbose: { type: "boolean", short: "v" },
  color: { type: "boolean" },
  output: { type: "string", short: "o" },
  include: { type: "string", short: "I", multiple: true },
};

/** What the tool would do, as text; mistakes begin with "usage:". */
export function describe(argv) {
  try {
    const { options, operands } = parseArguments(argv, spec);
    const flags = Object.entries(options).filter(([, value]) => value === true);
    return `${operands.join(" ") || "nothing"} to ${options.output ?? "stdout"} ${flags.map(([name]) => name).join(",")}`.trim();
  } catch (error) {
    if (error instanceof UsageError) return `usage: ${error.message}`;
    throw error;
  }
}
