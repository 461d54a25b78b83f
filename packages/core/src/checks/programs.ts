import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { foldersUp, type Project, seenFrom } from "./project.ts";

/** Gradle, or the project's wrapper when what that would fetch is there already. */
export function gradleProgram(folder: string, project: Project): string | undefined {
  const owner = foldersUp(folder).find((one) => project.has(one, "gradlew"));
  if (owner !== undefined) {
    const settings = project.text(owner, "gradle/wrapper/gradle-wrapper.properties");
    const name = /^distributionUrl=.*\/([\w.-]+)\.zip/m.exec(settings)?.[1];
    const home = project.environment["GRADLE_USER_HOME"] ?? join(homedir(), ".gradle");
    const wrapper = seenFrom(folder, owner === "." ? "gradlew" : `${owner}/gradlew`);
    if (name !== undefined && existsSync(join(home, "wrapper/dists", name))) {
      return wrapper.startsWith(".") ? wrapper : `./${wrapper}`;
    }
  }
  return project.pathProgram("gradle");
}

/** The interpreter that has pytest; undefined when none has. */
export function pytestWords(folder: string, project: Project): string[] | undefined {
  const pytest = project.pythonProgram(folder, "pytest");
  if (pytest === undefined) return undefined;
  // As a module it finds the packages of the folder it is called in.
  const python = pythonWord(folder, project);
  return python === undefined ? [pytest] : [python, "-m", "pytest"];
}

export function pythonWord(folder: string, project: Project): string | undefined {
  const own = project.pythonProgram(folder, "python");
  return own === undefined || own === "python" ? (project.pathProgram("python3") ?? own) : own;
}
