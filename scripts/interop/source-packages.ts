/**
 * Unpacks the libraries of others that the suites refactor: `npm run interop:setup -- source-packages`. Each comes by
 * the tool of its language, from where that is set to fetch, and is unpacked only when it has the digest given here.
 * They go to `${TRUST_INTEROP_CACHE:-$HOME/.cache/trust-interop}/source-packages/LANGUAGE`; a stamp makes a second run free.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { cacheFolder } from "./cache.ts";
import { mavenProject } from "./maven-project.ts";

interface SourcePackage {
  language: string;
  /** The package with its version. */
  name: string;
  /** The programs that fetch it and run its tests. */
  programs: readonly string[];
  /** SHA-256 of each archive. */
  digests: readonly string[];
  /** Fetches below `folder`, and says where the archives are and how they become a tree. */
  fetch: (folder: string) => { archives: string[]; unpack: (tree: string) => void };
}

function run(program: string, args: readonly string[], options: { cwd?: string } = {}): string {
  const { status, stdout, error } = spawnSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    ...options,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with status ${status}\n${stdout}`);
  return stdout;
}

const untar = (archive: string, tree: string): void => {
  mkdirSync(tree, { recursive: true });
  run("tar", ["-xzf", archive, "--strip-components=1", "-C", tree]);
};

const python: SourcePackage = {
  language: "python",
  name: "Markdown 3.8.2",
  programs: ["python3"],
  digests: ["247b9a70dd12e27f67431ce62523e675b866d254f900c4fe75ce3dda62237c45"],
  fetch: (folder) => {
    const kind = ["--no-deps", "--no-binary", ":all:", "--quiet"];
    run("python3", ["-m", "pip", "download", ...kind, "--dest", folder, "Markdown==3.8.2"]);
    const archive = join(folder, "markdown-3.8.2.tar.gz");
    return { archives: [archive], unpack: (tree) => untar(archive, tree) };
  },
};

const go: SourcePackage = {
  language: "go",
  name: "pflag 1.0.10",
  programs: ["go"],
  digests: ["a246b8c9d3daa87d6c634cdfee1bdf7fa53d5817eeef4fa0c6da43edd12de4ca"],
  fetch: (folder) => {
    const answer = run("go", ["mod", "download", "-json", "github.com/spf13/pflag@v1.0.10"], { cwd: folder });
    const valueOf = (key: string): string => new RegExp(`"${key}": "(.*)"`).exec(answer)?.[1] ?? "";
    // Modules are unpacked without permission to write.
    const unpack = (tree: string): void => {
      cpSync(valueOf("Dir"), tree, { recursive: true });
      for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true }))
        chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
      chmodSync(tree, 0o755);
    };
    return { archives: [valueOf("Zip")], unpack };
  },
};

const rust: SourcePackage = {
  language: "rust",
  name: "regex-syntax 0.6.29",
  programs: ["cargo"],
  digests: ["f162c6dd7b008981e4d40210aca20b4bd0f9b60ca9271061b07f78537722f2e1"],
  fetch: (folder) => {
    const head = '[package]\nname = "fetches"\nversion = "0.0.0"\nedition = "2021"\n\n[lib]\npath = "lib.rs"\n';
    writeFileSync(join(folder, "Cargo.toml"), `${head}\n[dependencies]\nregex-syntax = "=0.6.29"\n`);
    writeFileSync(join(folder, "lib.rs"), "");
    run("cargo", ["fetch", "--quiet"], { cwd: folder });
    const home = process.env["CARGO_HOME"] ?? join(homedir(), ".cargo");
    const archive = globSync(join(home, "registry", "cache", "*", "regex-syntax-0.6.29.crate"))[0] ?? "";
    const unpack = (tree: string): void => {
      untar(archive, tree);
      // They do not compile with a released Rust.
      rmSync(join(tree, "benches"), { recursive: true });
      // Else the first test would write it.
      run("cargo", ["generate-lockfile", "--offline", "--quiet"], { cwd: tree });
    };
    return { archives: [archive], unpack };
  },
};

const java: SourcePackage = {
  language: "java",
  name: "Commons Codec 1.17.1",
  programs: ["mvn", "jar", "javac"],
  digests: [
    "2283aff7f425dff23ebdb7a8fc0f03ae21b4ced7a43aacba47cedae126dc5d4a",
    "7189874e57180619a498880688931b479121e1d9c121953e3af2c1df31003b9f",
  ],
  fetch: () => {
    const repository = cacheFolder(join("source-packages", "maven-repository"));
    mkdirSync(repository, { recursive: true });
    const maven = (cwd: string, ...args: string[]): string =>
      run("mvn", ["-q", "-B", `-Dmaven.repo.local=${repository}`, ...args], { cwd });
    const archives = ["sources", "test-sources"].map((classifier) => {
      const artifact = `commons-codec:commons-codec:1.17.1:jar:${classifier}`;
      const get = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get";
      maven(repository, get, "-Dtransitive=false", `-Dartifact=${artifact}`);
      return join(repository, "commons-codec", "commons-codec", "1.17.1", `commons-codec-1.17.1-${classifier}.jar`);
    });
    const unpack = (tree: string): void => {
      for (const [index, kind] of ["main", "test"].entries()) {
        const folder = join(tree, "src", kind, "java");
        mkdirSync(folder, { recursive: true });
        run("jar", ["xf", archives[index] ?? "", "org"], { cwd: folder });
      }
      writeFileSync(join(tree, "pom.xml"), mavenProject);
      // Fetches what the tests need, which then run without a network.
      maven(tree, "test", "-Dtest=StringUtilsTest");
      rmSync(join(tree, "target"), { recursive: true });
    };
    return { archives, unpack };
  },
};

function setUp({ language, digests, fetch }: SourcePackage): void {
  const folder = cacheFolder(join("source-packages", language));
  const stamp = join(folder, "stamp");
  const wanted = `${digests.join("\n")}\n`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  const work = join(folder, "work");
  mkdirSync(work, { recursive: true });
  const { archives, unpack } = fetch(work);
  for (const [index, archive] of archives.entries()) {
    const digest = createHash("sha256").update(readFileSync(archive)).digest("hex");
    if (digest !== digests[index]) throw new Error(`${archive} has the SHA-256 ${digest}, not ${digests[index]}`);
  }
  const partial = join(folder, "partial");
  unpack(partial);
  renameSync(partial, join(folder, "tree"));
  rmSync(work, { recursive: true });
  writeFileSync(stamp, wanted);
}

const isThere = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

for (const source of [python, go, rust, java]) {
  const missing = source.programs.filter((program) => !isThere(program));
  try {
    if (missing.length > 0) throw new Error(`not installed: ${missing.join(", ")}`);
    setUp(source);
    process.stdout.write(`${source.name} (${source.language})\n`);
  } catch (error) {
    process.stderr.write(`SKIPPED: ${source.name} (${source.language}): ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
