import { useSyncExternalStore } from "react";

import type { Store } from "../state/store.ts";

/** The store's state; the component is drawn again when it changes. */
export const useStore = <State>(store: Store<State, never>): State =>
  useSyncExternalStore(store.subscribe, store.current);
