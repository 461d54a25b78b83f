import { TrustError } from "../../protocol/errors.ts";
import type { NativeRender } from "../templates/index.ts";
import { HostConnection } from "./host-connection.ts";
import type { HostEntry } from "./host-entry.ts";

/**
 * llama.cpp's Jinja engine in a model host of its own, which starts with the first template that needs it. `entry` is
 * that of a private host: a template can end it.
 */
export function createNativeRenderer(entry: HostEntry): AsyncDisposable & { render: NativeRender } {
  let connection: Promise<HostConnection> | undefined;
  return {
    async render(template, values, signal) {
      if ((await connection)?.crashed !== undefined) connection = undefined;
      connection ??= HostConnection.open(entry);
      return renderOver(await connection, template, values, signal);
    },
    async [Symbol.asyncDispose]() {
      await (await connection)?.close();
    },
  };
}

/** How long the host may take for one batch: it cannot be interrupted while it renders. */
const longestMilliseconds = 5000;

/** Renders in a host that runs already. Throws MODEL_INVALID for a template that takes too long or ends the host. */
export async function renderOver(
  connection: HostConnection,
  ...[template, values, signal]: Parameters<NativeRender>
): ReturnType<NativeRender> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(unusable("takes too long")), longestMilliseconds);
  try {
    return await Promise.race([late, rendered(connection, template, values, signal)]);
  } catch (error) {
    if (error instanceof TrustError && error.code === "HOST_CRASHED") throw unusable("ended the model host", error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function rendered(
  connection: HostConnection,
  ...[template, values, signal]: Parameters<NativeRender>
): ReturnType<NativeRender> {
  for await (const reply of connection.request({ type: "render", template, values: [...values] }, signal)) {
    if (reply.type !== "rendered") continue;
    return reply.texts.map((text) => ("text" in text ? text : { ...text, refused: false }));
  }
  throw new TrustError("HOST_CRASHED", "the model host did not render");
}

const unusable = (what: string, cause?: unknown): TrustError =>
  new TrustError("MODEL_INVALID", `the model's chat template ${what}`, {
    hint: "choose another model file, or one with a corrected chat template",
    cause,
  });
