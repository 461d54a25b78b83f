import { useEffect, useState } from "react";

const tickMilliseconds = 250;

/** Counts up four times a second while `isActive`; costs nothing otherwise. */
export function useTick(isActive: boolean): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    if (!isActive) return undefined;
    const timer = setInterval(() => setTick((count) => count + 1), tickMilliseconds);
    return () => clearInterval(timer);
  }, [isActive]);
  return tick;
}
