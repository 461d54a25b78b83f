import type { CommandModule } from "./command.ts";

interface Registered {
  name: string;
  load: () => Promise<CommandModule>;
}

/** Every noun of the command line. Only the one that was named is loaded, so that a start costs what it uses. */
export const commands: readonly Registered[] = [
  { name: "acp", load: async () => (await import("./acp.ts")).acpCommand },
  { name: "bench", load: async () => (await import("./bench/index.ts")).benchCommand },
  { name: "commit", load: async () => (await import("./commit.ts")).commitCommand },
  { name: "complete", load: async () => (await import("./complete/index.ts")).completeCommand },
  { name: "config", load: async () => (await import("./config.ts")).configCommand },
  { name: "dialect", load: async () => (await import("./dialect/index.ts")).dialectCommand },
  { name: "docs", load: async () => (await import("./docs.ts")).docsCommand },
  { name: "doctor", load: async () => (await import("./doctor.ts")).doctorCommand },
  { name: "eval", load: async () => (await import("./eval/index.ts")).evalCommand },
  { name: "hook", load: async () => (await import("./hook.ts")).hookCommand },
  { name: "hooks", load: async () => (await import("./hooks.ts")).hooksCommand },
  { name: "host", load: async () => (await import("./host/index.ts")).hostCommand },
  { name: "index", load: async () => (await import("./code-index.ts")).indexCommand },
  { name: "kit", load: async () => (await import("./kit/index.ts")).kitCommand },
  { name: "map", load: async () => (await import("./map.ts")).mapCommand },
  { name: "model", load: async () => (await import("./model/index.ts")).modelCommand },
  { name: "plugin", load: async () => (await import("./plugin/index.ts")).pluginCommand },
  { name: "profile", load: async () => (await import("./profile.ts")).profileCommand },
  { name: "redo", load: async () => (await import("./undo.ts")).redoCommand },
  { name: "review", load: async () => (await import("./review.ts")).reviewCommand },
  { name: "session", load: async () => (await import("./session.ts")).sessionCommand },
  { name: "tools", load: async () => (await import("./tools.ts")).toolsCommand },
  { name: "undo", load: async () => (await import("./undo.ts")).undoCommand },
];
