import type { AgentEvent } from "@trust-cli/core/protocol";
import { describe, expect, test } from "vitest";

import { createPrinter } from "../../src/print/printers.ts";

describe.each(["text", "json"] as const)("the %s printer", (format) => {
  test.each([false, true])(
    "tells the person what the engine noticed, without a terminal too (a value: %s)",
    (isValue) => {
      const noticed: string[] = [];
      const ignore = (): void => undefined;
      const printer = createPrinter(
        format,
        { out: ignore, progress: ignore, notice: (text) => noticed.push(text) },
        isValue,
      );
      const events = [
        { type: "notice", text: "The text was shortened." },
        { type: "model-restart", reason: "The model died" },
      ] as AgentEvent[];
      for (const event of events) printer.event(event);
      expect(noticed).toEqual(["The text was shortened.\n", "The model died; starting it again\n"]);
    },
  );
});
