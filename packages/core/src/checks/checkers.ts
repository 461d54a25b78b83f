import { posix } from "node:path";

import { clangCommand } from "./compile-commands.ts";
import { parseCargoCheck, parseCompiler, parseTsc } from "./parsers/compilers.ts";
import { parseGoVet } from "./parsers/go.ts";
import { parseBiome, parseEslint, parseMypy, parseOxlint, parsePyright, parseRuff } from "./parsers/linters.ts";
import { gradleProgram } from "./programs.ts";
import {
  cEndings,
  type Checker,
  commandLine,
  dependsOn,
  endingOf,
  hasAny,
  pythonEndings,
  scriptEndings,
} from "./project-tool.ts";
import { foldersUp, type Project } from "./project.ts";

const javaEndings = new Set(["java"]);
const eslintFiles = ["eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts"];
const eslintLegacyFiles = [
  ".eslintrc",
  ".eslintrc.js",
  ".eslintrc.cjs",
  ".eslintrc.json",
  ".eslintrc.yml",
  ".eslintrc.yaml",
];

const orAll = (paths: readonly string[]): readonly string[] => (paths.length === 0 ? ["."] : paths);

const inPyproject = (folder: string, table: string, project: Project): boolean =>
  project.text(folder, "pyproject.toml").includes(`[tool.${table}`);

/** Go names packages, so that a file stands for its folder. */
export function goPackages(paths: readonly string[]): string[] {
  if (paths.length === 0) return ["./..."];
  const folders = paths.map((path) => (endingOf(path) === "go" ? posix.dirname(path) : `${path}/...`));
  return [...new Set(folders.map((folder) => (folder === "." ? "." : `./${folder}`)))];
}

const typeScript: Checker = {
  id: "tsc",
  family: "tsc",
  extensions: new Set(["ts", "tsx", "mts", "cts"]),
  uses: (folder, project) => project.has(folder, "tsconfig.json"),
  command: ({ folder }, project) => {
    // What a project refers to is only checked along when it is built.
    const refers = /"references"\s*:\s*\[\s*\{/.test(project.text(folder, "tsconfig.json"));
    return commandLine(project.nodeProgram(folder, "tsc"), refers ? "-b" : undefined, "--noEmit", "--pretty", "false");
  },
  parse: parseTsc,
  isWhole: true,
};

const eslint: Checker = {
  id: "eslint",
  family: "eslint",
  extensions: scriptEndings,
  uses: (folder, project) => hasAny(folder, [...eslintFiles, ...eslintLegacyFiles], project),
  command: ({ folder, paths }, project) =>
    commandLine(project.nodeProgram(folder, "eslint"), "--format", "json", ...orAll(paths)),
  parse: parseEslint,
};

const oxlint: Checker = {
  id: "oxlint",
  family: "oxlint",
  extensions: scriptEndings,
  uses: (folder, project) =>
    hasAny(folder, [".oxlintrc.json", "oxlint.config.ts"], project) || dependsOn(folder, "oxlint", project),
  command: ({ folder, paths }, project) =>
    commandLine(project.nodeProgram(folder, "oxlint"), "-f", "json", ...orAll(paths)),
  parse: parseOxlint,
};

const biome: Checker = {
  id: "biome",
  family: "biome",
  extensions: new Set([...scriptEndings, "json", "jsonc", "css"]),
  uses: (folder, project) => hasAny(folder, ["biome.json", "biome.jsonc"], project),
  command: ({ folder, paths }, project) =>
    commandLine(project.nodeProgram(folder, "biome"), "lint", "--reporter=github", ...orAll(paths)),
  parse: parseBiome,
};

const ruff: Checker = {
  id: "ruff",
  family: "ruff",
  extensions: pythonEndings,
  uses: (folder, project) =>
    hasAny(folder, ["ruff.toml", ".ruff.toml"], project) || inPyproject(folder, "ruff", project),
  command: ({ folder, paths }, project) =>
    commandLine(project.pythonProgram(folder, "ruff"), "check", "--no-fix", "--output-format", "json", ...orAll(paths)),
  parse: parseRuff,
};

const pyright: Checker = {
  id: "pyright",
  family: "pyright",
  extensions: pythonEndings,
  uses: (folder, project) => project.has(folder, "pyrightconfig.json") || inPyproject(folder, "pyright", project),
  command: ({ folder, paths }, project) =>
    commandLine(
      project.nodeProgram(folder, "pyright") ?? project.pythonProgram(folder, "pyright"),
      "--outputjson",
      ...paths,
    ),
  parse: parsePyright,
};

const mypy: Checker = {
  id: "mypy",
  family: "mypy",
  extensions: pythonEndings,
  uses: (folder, project) =>
    hasAny(folder, ["mypy.ini", ".mypy.ini"], project) ||
    inPyproject(folder, "mypy", project) ||
    project.text(folder, "setup.cfg").includes("[mypy"),
  command: ({ folder, paths }, project) =>
    commandLine(project.pythonProgram(folder, "mypy"), "--output", "json", "--no-error-summary", ...orAll(paths)),
  parse: parseMypy,
};

const goVet: Checker = {
  id: "go vet",
  family: "go",
  extensions: new Set(["go"]),
  uses: (folder, project) => project.has(folder, "go.mod"),
  command: ({ paths }, project) => commandLine(project.pathProgram("go"), "vet", "-json", ...goPackages(paths)),
  parse: parseGoVet,
};

const cargoCheck: Checker = {
  id: "cargo check",
  family: "rust",
  extensions: new Set(["rs"]),
  uses: (folder, project) => project.has(folder, "Cargo.toml"),
  command: (_scope, project) =>
    commandLine(project.pathProgram("cargo"), "check", "--all-targets", "--message-format=json"),
  parse: parseCargoCheck,
  isWhole: true,
};

const maven: Checker = {
  id: "maven",
  family: "java",
  extensions: javaEndings,
  uses: (folder, project) => project.has(folder, "pom.xml"),
  command: (_scope, project) => commandLine(project.pathProgram("mvn"), "-o", "-q", "-B", "test-compile"),
  parse: parseCompiler("maven"),
  isWhole: true,
};

const gradle: Checker = {
  id: "gradle",
  family: "java",
  extensions: javaEndings,
  uses: (folder, project) => hasAny(folder, ["build.gradle", "build.gradle.kts"], project),
  command: ({ folder }, project) => commandLine(gradleProgram(folder, project), "--offline", "-q", "testClasses"),
  parse: parseCompiler("gradle"),
  isWhole: true,
};

const mostJavaFiles = 200;
const javaBuild = /(^|\/)(pom\.xml|build\.gradle(\.kts)?)$/;

/** Java without a build: the classes of the project are found by the folders of their packages. */
const javac: Checker = {
  id: "javac",
  family: "java",
  extensions: javaEndings,
  uses: (folder, project) => folder === "." && !project.files(".").some((path) => javaBuild.test(path)),
  command: ({ folder, paths }, project) => {
    const chosen = paths.filter((path) => endingOf(path) === "java");
    const files = chosen.length > 0 ? chosen : project.files(folder).filter((path) => endingOf(path) === "java");
    if (files.length === 0) return undefined;
    const sources = new Set(files.map((path) => sourceFolder(path, project)));
    // It stops before it would write classes.
    const words = [
      "-proc:none",
      "-implicit:none",
      "-XDshould-stop.ifNoError=FLOW",
      "-sourcepath",
      [...sources].join(":"),
    ];
    return commandLine(project.pathProgram("javac"), ...words, ...files.slice(0, mostJavaFiles));
  },
  parse: parseCompiler("javac"),
};

function sourceFolder(path: string, project: Project): string {
  const name = /^\s*package\s+([\w.]+)\s*;/m.exec(project.text(".", path))?.[1];
  const depth = name === undefined ? 0 : name.split(".").length;
  return foldersUp(posix.dirname(path))[depth] ?? ".";
}

const clang: Checker = {
  id: "clang",
  family: "c",
  extensions: cEndings,
  uses: (folder, project) =>
    folder === "." || hasAny(folder, ["compile_commands.json", "build/compile_commands.json"], project),
  command: clangCommand,
  parse: parseCompiler("clang"),
};

/** In the order in which they run. */
export const checkers: readonly Checker[] = [
  typeScript,
  eslint,
  oxlint,
  biome,
  ruff,
  pyright,
  mypy,
  goVet,
  cargoCheck,
  maven,
  gradle,
  javac,
  clang,
];
