import type { Addon } from "./addon.ts";

/** What llama.cpp makes of a chat template, or why it could not. */
export function renderNatively(
  { AddonJinjaRenderer: Renderer }: Addon,
  template: string,
  values: readonly Record<string, unknown>[],
): ({ text: string } | { failure: string })[] {
  const attempt = <T>(work: () => T): { value: T } | { failure: string } => {
    try {
      return { value: work() };
    } catch (error) {
      return { failure: error instanceof Error ? error.message : String(error) };
    }
  };
  const renderer = attempt(() => new Renderer(template));
  if ("failure" in renderer) return values.map(() => ({ failure: renderer.failure }));
  return values.map((one) => {
    const rendered = attempt(() => renderer.value.render(one));
    return "failure" in rendered ? rendered : { text: rendered.value };
  });
}
