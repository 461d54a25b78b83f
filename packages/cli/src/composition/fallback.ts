import type { Config } from "@trust-cli/core/config";
import { createRoutedModel, type Route } from "@trust-cli/core/models/route";

import { type ChosenModel, keepingNotes } from "./chosen-model.ts";

/**
 * The model with those that go on for it when it dies; it is asked again first when a request dies on its way. Each of the others is opened when its turn comes, and treated as it would be by itself from the next turn on.
 */
export function withFallbacks(
  chosen: ChosenModel,
  { models, remote }: Config["fallback"],
  choose: (model: string) => Promise<ChosenModel>,
): ChosenModel {
  const others = models.filter((model) => model !== chosen.id);
  const opened = new Map([[chosen.id, chosen]]);
  let current = chosen;
  const routes: Route[] = others.map((id) => ({
    id,
    async open() {
      const other = await choose(id);
      opened.set(id, other);
      return other;
    },
  }));
  const routed = createRoutedModel({
    routes: [{ id: chosen.id, open: () => chosen }, ...routes],
    allowRemote: remote,
    onSwitch: (id) => {
      current = opened.get(id) ?? current;
    },
  });
  const { id, note, local } = chosen;
  return {
    ...keepingNotes(routed),
    id,
    note,
    local,
    get profile() {
      return current.profile;
    },
    capability: (signal) => current.capability(signal),
  };
}
