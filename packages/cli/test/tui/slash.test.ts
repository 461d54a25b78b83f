import { describe, expect, test } from "vitest";

import { parseSlashLine, slashCommands, type SlashContext } from "../../src/slash/index.ts";

describe("slash commands", () => {
  test("are told apart from paths and other text", () => {
    expect(parseSlashLine("/model  nano ")).toEqual({ name: "model", argument: "nano" });
    expect(parseSlashLine("/help")).toEqual({ name: "help", argument: undefined });
    expect(parseSlashLine("/etc/hosts is wrong")).toBeUndefined();
    expect(parseSlashLine("what does / do")).toBeUndefined();
  });

  test("are all listed by /help", async () => {
    const shown: string[] = [];
    const context: SlashContext = {
      commands: slashCommands,
      show: (text) => shown.push(text),
      leave: () => undefined,
      pickModel: async () => undefined,
      useModel: async () => undefined,
      describeProfiles: () => "",
      useProfile: async () => undefined,
      mode: () => "ask",
      useMode: async () => undefined,
      send: () => undefined,
      clear: async () => undefined,
      compact: async () => "",
      undo: async () => "",
      rewind: async () => "",
    };
    await slashCommands.find(({ name }) => name === "help")?.run(context, undefined);
    for (const { name, description } of slashCommands) {
      expect(shown.join()).toContain(`/${name}`);
      expect(shown.join()).toContain(description);
    }
  });
});
