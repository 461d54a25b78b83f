import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of a test's own, gone at the end of its scope. */
export class TemporaryFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "trust-vscode-test-"));

  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** A shell script that can be started. */
  program(name: string, ...lines: string[]): string {
    const path = this.write(name, `${["#!/bin/sh", ...lines].join("\n")}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** Stands for `trust`: answers `--version`, and `acp` by the scripted agent. */
  scriptedCli(): string {
    const agent = join(import.meta.dirname, "fixtures", "scripted-agent.ts");
    return this.program(
      "scripted/trust",
      `if [ "$1" = --version ]; then echo 0.0.0-scripted; exit; fi`,
      `echo $$ >> ${join(this.path, "started")}`,
      `export TRUST_SCRIPTED_STORE=${join(this.path, "sessions.jsonl")}`,
      `exec ${process.execPath} ${agent}`,
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
