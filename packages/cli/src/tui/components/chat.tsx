import { Static, Text, useApp, useCursor, useInput, usePaste, useWindowSize } from "ink";
import { type JSX, useEffect } from "react";

import type { ChatInput } from "../chat-input.ts";
import { type ApprovalActions, useApproval } from "../hooks/use-approval.ts";
import { useStore } from "../hooks/use-store.ts";
import { useTick } from "../hooks/use-tick.ts";
import type { Block } from "../state/blocks.ts";
import type { Prompt } from "../state/prompt.ts";
import type { Screen } from "../state/screen.ts";
import type { Store } from "../state/store.ts";
import { type ChatView, isRunning } from "../state/view.ts";
import type { Paint } from "../text/theme.ts";
import { blockLines } from "./block-lines.ts";
import { drawFrame } from "./frame.ts";

export interface ChatProps {
  view: Store<ChatView, never>;
  prompt: Store<Prompt, never>;
  screen: Store<Screen, never>;
  input: ChatInput;
  actions: ApprovalActions;
  paint: Paint;
}

/** Finished blocks go to the scrollback once; below them the live part is redrawn in place. */
export function Chat({ input, actions, paint, ...stores }: ChatProps): JSX.Element {
  const view = useStore(stores.view);
  const prompt = useStore(stores.prompt);
  const screen = useStore(stores.screen);
  const size = useWindowSize();
  const tick = useTick(isRunning(view) && view.approvals.length === 0);
  const approval = useApproval(view, input.dialog(), size, actions);
  useInput((text, key) => input.press(text, key));
  usePaste((text) => input.paste(text));
  const { exit } = useApp();
  useEffect(() => {
    if (view.isLeaving) exit();
  }, [view.isLeaving, exit]);
  const { setCursorPosition } = useCursor();
  const frame = drawFrame({ view, prompt, screen, approval, tick }, size);
  setCursorPosition(view.isLeaving ? undefined : frame.cursor);
  return (
    <>
      <Transcript blocks={view.committed} width={size.columns} paint={paint} />
      {view.isLeaving ? null : <Text>{paint(frame.lines)}</Text>}
    </>
  );
}

interface TranscriptProps {
  blocks: readonly Block[];
  width: number;
  paint: Paint;
}

function Transcript({ blocks, width, paint }: TranscriptProps): JSX.Element {
  return (
    <Static items={[...blocks]}>
      {(block, index) => <Text key={index}>{paint(blockLines(block, blocks[index - 1], width))}</Text>}
    </Static>
  );
}
