import { homedir, tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The folders of this person's settings, data that must last, state that may be lost, and caches. */
export interface TrustPaths {
  config: string;
  data: string;
  state: string;
  cache: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** TRUST_HOME moves everything; otherwise XDG folders, or the conventions of macOS and Windows. Never throws. */
export function trustPaths(environment: Environment, platform: NodeJS.Platform): TrustPaths {
  const moved = absolute(environment["TRUST_HOME"]);
  if (moved !== undefined) {
    return {
      config: join(moved, "config"),
      data: join(moved, "data"),
      state: join(moved, "state"),
      cache: join(moved, "cache"),
    };
  }
  const home = absolute(environment["HOME"]) ?? systemHome();
  if (platform === "darwin") return macPaths(home);
  if (platform === "win32") return windowsPaths(environment, home);
  const xdg = (name: string, fallback: string): string =>
    join(absolute(environment[name]) ?? join(home, fallback), "trust");
  return {
    config: xdg("XDG_CONFIG_HOME", ".config"),
    data: xdg("XDG_DATA_HOME", ".local/share"),
    state: xdg("XDG_STATE_HOME", ".local/state"),
    cache: xdg("XDG_CACHE_HOME", ".cache"),
  };
}

/** Where an administrator puts `managed.yaml`. No variable of the person moves it. */
export function managedFolder(platform: NodeJS.Platform): string {
  if (platform === "darwin") return "/Library/Application Support/Trust";
  return platform === "win32" ? "C:\\ProgramData\\Trust" : "/etc/trust";
}

function macPaths(home: string): TrustPaths {
  const library = join(home, "Library");
  const support = join(library, "Application Support", "trust");
  return {
    config: join(library, "Preferences", "trust"),
    data: support,
    state: join(support, "state"),
    cache: join(library, "Caches", "trust"),
  };
}

function windowsPaths(environment: Environment, home: string): TrustPaths {
  const roaming = absolute(environment["APPDATA"]) ?? join(home, "AppData", "Roaming");
  const local = absolute(environment["LOCALAPPDATA"]) ?? join(home, "AppData", "Local");
  const ours = join(local, "trust");
  return {
    config: join(roaming, "trust"),
    data: join(ours, "data"),
    state: join(ours, "state"),
    cache: join(ours, "cache"),
  };
}

/** Relative paths in such variables are to be ignored, says the XDG specification. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function systemHome(): string {
  try {
    return homedir();
  } catch {
    return join(tmpdir(), "trust-without-home");
  }
}
