import { TrustError } from "../../protocol/errors.ts";
import type { NativeRender } from "../templates/index.ts";
import { HostConnection, type HostEntry } from "./host-connection.ts";

/** llama.cpp's Jinja engine in a model host of its own, which starts with the first template that needs it. */
export function createNativeRenderer(entry: HostEntry): AsyncDisposable & { render: NativeRender } {
  let connection: HostConnection | undefined;
  return {
    render(template, values, signal) {
      if (connection?.crashed !== undefined) connection = undefined;
      connection ??= new HostConnection(entry);
      return renderOver(connection, template, values, signal);
    },
    async [Symbol.asyncDispose]() {
      await connection?.close();
    },
  };
}

/** Renders in a host that runs already. */
export async function renderOver(
  connection: HostConnection,
  ...[template, values, signal]: Parameters<NativeRender>
): ReturnType<NativeRender> {
  for await (const reply of connection.request({ type: "render", template, values: [...values] }, signal)) {
    if (reply.type !== "rendered") continue;
    return reply.texts.map((text) => ("text" in text ? text : { ...text, refused: false }));
  }
  throw new TrustError("HOST_CRASHED", "the model host did not render", { hint: "trust doctor" });
}
