import { posix } from "node:path";

import { goPackages } from "./checkers.ts";
import { parseGoTest } from "./parsers/go.ts";
import { parseNodeTest, parseReportFiles } from "./parsers/junit.ts";
import { parseVitest } from "./parsers/tap.ts";
import { parseJest, parseMocha } from "./parsers/tests-json.ts";
import { parseCargoTest, parseCtest, parsePytest, parseUnittest } from "./parsers/tests-text.ts";
import { gradleProgram, pytestWords, pythonWord } from "./programs.ts";
import {
  cEndings,
  commandLine,
  dependsOn,
  endingOf,
  hasAny,
  pythonEndings,
  scriptEndings,
  type TestRunner,
} from "./project-tool.ts";
import { foldersUp, type Project } from "./project.ts";
import { hasTestName, isTestFile, relatedTests } from "./related-tests.ts";

const configOf = (name: string, folder: string, project: Project): boolean =>
  hasAny(
    folder,
    ["ts", "mts", "js", "mjs", "cjs", "json"].map((ending) => `${name}.${ending}`),
    project,
  );

const isTestOrFolder = (path: string): boolean => hasTestName(path) || endingOf(path) === "";

const vitest: TestRunner = {
  id: "vitest",
  family: "node",
  extensions: scriptEndings,
  uses: (folder, project) => configOf("vitest.config", folder, project) || dependsOn(folder, "vitest", project),
  command: ({ folder, paths, name }, project) => {
    const kind = paths.every(isTestOrFolder) ? ["run"] : ["related", "--run"];
    const filter = name === undefined ? [] : ["-t", name];
    const program = project.nodeProgram(folder, "vitest");
    return commandLine(program, ...kind, "--reporter=tap-flat", ...filter, ...paths);
  },
  // Its JSON goes to a file in the project.
  parse: parseVitest,
};

const jest: TestRunner = {
  id: "jest",
  family: "node",
  extensions: scriptEndings,
  uses: (folder, project) => configOf("jest.config", folder, project) || dependsOn(folder, "jest", project),
  command: ({ folder, paths, name }, project) => {
    const related = paths.every(isTestOrFolder) ? undefined : "--findRelatedTests";
    const filter = name === undefined ? [] : ["-t", name];
    return commandLine(project.nodeProgram(folder, "jest"), "--json", ...filter, related, ...paths);
  },
  parse: parseJest,
};

const mocha: TestRunner = {
  id: "mocha",
  family: "node",
  extensions: scriptEndings,
  uses: (folder, project) => configOf(".mocharc", folder, project) || dependsOn(folder, "mocha", project),
  command: ({ folder, paths, name }, project) => {
    const filter = name === undefined ? [] : ["-f", name];
    const tests = relatedTests(folder, paths, project);
    return commandLine(project.nodeProgram(folder, "mocha"), "--reporter", "json", ...filter, ...tests);
  },
  parse: parseMocha,
};

/** What the project's own script gives Node before its tests: loaders, conditions. */
function nodeOptions(folder: string, project: Project): string[] {
  const script = /"test"\s*:\s*"((?:\\.|[^"\\])*)"/.exec(project.text(folder, "package.json"))?.[1] ?? "";
  return [...script.matchAll(/(?<=\s)(?:--import|--require|--loader|--conditions|-r|-C)(?:=|\s+)[\w@./:-]+/g)].flatMap(
    ([option]) => option.split(/\s+/),
  );
}

/** One for people, as it comes, and one for us. */
const nodeReporters = [
  "--test-reporter=spec",
  "--test-reporter-destination=stderr",
  "--test-reporter=junit",
  "--test-reporter-destination=stdout",
];

const nodeTest: TestRunner = {
  id: "node:test",
  family: "node",
  extensions: scriptEndings,
  uses: (folder, project) =>
    /"test[\w:-]*"\s*:\s*"[^"]*\bnode\b[^"]* --test/.test(project.text(folder, "package.json")) ||
    (project.has(folder, "package.json") && testsImport("node:test", folder, project)),
  command: ({ folder, paths, name }, project) => {
    const filter = name === undefined ? [] : [`--test-name-pattern=${RegExp.escape(name)}`];
    const tests = relatedTests(folder, paths, project);
    const options = nodeOptions(folder, project);
    return commandLine(project.pathProgram("node"), ...options, "--test", ...nodeReporters, ...filter, ...tests);
  },
  parse: parseNodeTest,
};

const mostTestsRead = 20;

const testsImport = (module: string, folder: string, project: Project): boolean =>
  project
    .files(folder)
    .filter(isTestFile)
    .slice(0, mostTestsRead)
    .some((path) => project.text(".", path).includes(module));

const pythonFiles = [
  "pyproject.toml",
  "setup.py",
  "setup.cfg",
  "pytest.ini",
  "tox.ini",
  "requirements.txt",
  "conftest.py",
];

/** A folder with one of the usual files, or the root for tests that have none above them. */
const isPython = (folder: string, project: Project): boolean =>
  hasAny(folder, pythonFiles, project) ||
  (folder === "." && project.files(".").some((path) => isLooseTest(path, project)));

const isLooseTest = (path: string, project: Project): boolean =>
  endingOf(path) === "py" &&
  isTestFile(path) &&
  !foldersUp(posix.dirname(path)).some((folder) => hasAny(folder, pythonFiles, project));

const pytest: TestRunner = {
  id: "pytest",
  family: "python",
  extensions: pythonEndings,
  uses: isPython,
  command: ({ folder, paths, name }, project) => {
    const [program, ...words] = pytestWords(folder, project) ?? [];
    const filter = name === undefined ? [] : ["-k", name];
    const tests = relatedTests(folder, paths, project);
    return commandLine(program, ...words, "--tb=short", "--color=no", ...filter, ...tests);
  },
  parse: parsePytest,
  isReadable: true,
};

const unittest: TestRunner = {
  id: "unittest",
  family: "python",
  extensions: pythonEndings,
  uses: isPython,
  command: ({ folder, paths, name }, project) => {
    const filter = name === undefined ? [] : ["-k", name];
    const tests = relatedTests(folder, paths, project);
    const python = pythonWord(folder, project);
    return commandLine(python, "-m", "unittest", ...(tests.length === 0 ? ["discover"] : []), ...filter, ...tests);
  },
  parse: parseUnittest,
  isReadable: true,
};

const goTest: TestRunner = {
  id: "go test",
  family: "go",
  extensions: new Set(["go"]),
  uses: (folder, project) => project.has(folder, "go.mod"),
  command: ({ paths, name }, project) => {
    const filter = name === undefined ? [] : ["-run", name];
    return commandLine(project.pathProgram("go"), "test", "-json", ...filter, ...goPackages(paths));
  },
  parse: parseGoTest,
};

const cargoTest: TestRunner = {
  id: "cargo test",
  family: "rust",
  extensions: new Set(["rs"]),
  uses: (folder, project) => project.has(folder, "Cargo.toml"),
  command: ({ name }, project) =>
    commandLine(project.pathProgram("cargo"), "test", "--no-fail-fast", ...(name === undefined ? [] : ["--", name])),
  parse: parseCargoTest,
  isReadable: true,
};

const jvmEndings = new Set(["java", "kt", "groovy"]);
const classOf = (path: string): string => posix.basename(path).replace(/\.\w+$/, "");

const maven: TestRunner = {
  id: "maven",
  family: "jvm",
  extensions: jvmEndings,
  uses: (folder, project) => project.has(folder, "pom.xml"),
  command: ({ folder, paths, name }, project) => {
    const classes = relatedTests(folder, paths, project).map(classOf);
    const chosen =
      name === undefined ? classes : classes.length === 0 ? [`*#*${name}*`] : classes.map((one) => `${one}#*${name}*`);
    const filter = chosen.length === 0 ? [] : [`-Dtest=${chosen.join(",")}`];
    return commandLine(project.pathProgram("mvn"), "-o", "-B", ...filter, "test");
  },
  parse: parseReportFiles("maven", ["target/surefire-reports"]),
  isReadable: true,
};

const gradle: TestRunner = {
  id: "gradle",
  family: "jvm",
  extensions: jvmEndings,
  uses: (folder, project) => hasAny(folder, ["build.gradle", "build.gradle.kts"], project),
  command: ({ folder, paths, name }, project) => {
    const classes = relatedTests(folder, paths, project).map(classOf);
    const patterns = [...classes.map((one) => `*${one}`), ...(name === undefined ? [] : [`*${name}*`])];
    const filter = patterns.flatMap((pattern) => ["--tests", pattern]);
    // Results of an earlier run would not be written again.
    return commandLine(gradleProgram(folder, project), "--offline", "cleanTest", "test", ...filter);
  },
  parse: parseReportFiles("gradle", ["build/test-results/test"]),
  isReadable: true,
};

const ctest: TestRunner = {
  id: "ctest",
  family: "c",
  extensions: cEndings,
  uses: (folder, project) => project.has(folder, "build/CTestTestfile.cmake"),
  command: ({ name }, project) => {
    const build = commandLine(project.pathProgram("cmake"), "--build", "build");
    const filter = name === undefined ? [] : ["-R", name];
    const run = commandLine(project.pathProgram("ctest"), "--test-dir", "build", "--output-on-failure", ...filter);
    return build === undefined || run === undefined ? undefined : `${build} && ${run}`;
  },
  parse: parseCtest,
  isReadable: true,
};

export const testRunners: readonly TestRunner[] = [
  vitest,
  jest,
  mocha,
  nodeTest,
  pytest,
  unittest,
  goTest,
  cargoTest,
  maven,
  gradle,
  ctest,
];
