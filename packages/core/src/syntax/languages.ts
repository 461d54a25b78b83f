const byExtension: Readonly<Record<string, string>> = {
  ts: "typescript",
  mts: "typescript",
  cts: "typescript",
  tsx: "tsx",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascript",
  py: "python",
  pyi: "python",
  pyw: "python",
  go: "go",
  rs: "rust",
  java: "java",
  c: "c",
  h: "c",
  cc: "cpp",
  cpp: "cpp",
  cxx: "cpp",
  "c++": "cpp",
  hh: "cpp",
  hpp: "cpp",
  hxx: "cpp",
  ipp: "cpp",
  inl: "cpp",
  cu: "cpp",
  cuh: "cpp",
  cs: "csharp",
  csx: "csharp",
  rb: "ruby",
  rake: "ruby",
  gemspec: "ruby",
  ru: "ruby",
  podspec: "ruby",
  php: "php",
  phtml: "php",
  php8: "php",
  sh: "bash",
  bash: "bash",
  bats: "bash",
  ebuild: "bash",
};

const byName: Readonly<Record<string, string>> = {
  rakefile: "ruby",
  gemfile: "ruby",
  guardfile: "ruby",
  podfile: "ruby",
  fastfile: "ruby",
  vagrantfile: "ruby",
  brewfile: "ruby",
  sconstruct: "python",
  sconscript: "python",
  wscript: "python",
  pkgbuild: "bash",
  apkbuild: "bash",
  ".bashrc": "bash",
  ".bash_profile": "bash",
  ".bash_aliases": "bash",
  ".bash_logout": "bash",
  ".profile": "bash",
};

const byInterpreter: readonly (readonly [RegExp, string])[] = [
  [/^(?:ba|da|k|z)?sh$/, "bash"],
  [/^(?:python|pypy)[\d.]*$/, "python"],
  [/^(?:j|truffle)?ruby[\d.]*$/, "ruby"],
  [/^php[\d.]*$/, "php"],
  [/^(?:tsx|ts-node|deno)$/, "typescript"],
  [/^(?:node|nodejs|bun)$/, "javascript"],
];

/** The language of a file by its name, else by its first line's `#!`; undefined: none that can be read. */
export function languageOf(path: string, firstLine = ""): string | undefined {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
  const dot = name.lastIndexOf(".");
  const known = own(byName, name) ?? (dot < 0 ? undefined : own(byExtension, name.slice(dot + 1)));
  return known ?? (dot > 0 ? undefined : byShebang(firstLine));
}

function byShebang(line: string): string | undefined {
  const words = /^#!\s*(\S+)(?:\s+(.*))?/.exec(line);
  if (words === null) return undefined;
  const [, program = "", rest = ""] = words;
  const isEnv = program.endsWith("/env");
  const interpreter = isEnv ? (rest.split(/\s+/).find((word) => !/^-|=/.test(word)) ?? "") : program;
  const base = interpreter.slice(interpreter.lastIndexOf("/") + 1);
  return byInterpreter.find(([pattern]) => pattern.test(base))?.[1];
}

const own = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
