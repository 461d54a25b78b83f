import { render } from "preact";

import { ToView } from "../src/messages.ts";
import { App } from "./app.tsx";
import { send } from "./host.ts";
import { emptyState, reduce } from "./state.ts";

const root = document.querySelector("#root");
let state = emptyState;
let isScheduled = false;

/** Once a frame, however many words arrive. */
function draw(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    if (root !== null) render(<App state={state} />, root);
  });
}

window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  const message = ToView.safeParse(data);
  if (!message.success) return;
  state = reduce(state, message.data);
  draw();
});
draw();
send({ type: "ready" });
