import { pathToFileURL } from "node:url";

/** The part of playwright-core that the tests use. It lives in a cache outside the repository, so its types do too. */
export interface Locator {
  locator(selector: string, options?: { hasText?: string | RegExp }): Locator;
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator;
  getByLabel(text: string | RegExp, options?: { exact?: boolean }): Locator;
  getByText(text: string | RegExp, options?: { exact?: boolean }): Locator;
  first(): Locator;
  last(): Locator;
  nth(index: number): Locator;
  click(options?: { timeout?: number }): Promise<void>;
  fill(text: string): Promise<void>;
  press(key: string): Promise<void>;
  selectOption(value: string): Promise<string[]>;
  innerText(): Promise<string>;
  allInnerTexts(): Promise<string[]>;
  inputValue(): Promise<string>;
  count(): Promise<number>;
  waitFor(options?: { state?: "visible" | "hidden" | "attached" | "detached"; timeout?: number }): Promise<void>;
}

export type Frame = Pick<Locator, "locator" | "getByRole" | "getByLabel" | "getByText">;

interface FrameLocator extends Frame {
  frameLocator(selector: string): FrameLocator;
}

export interface Page extends Pick<Locator, "getByRole" | "getByLabel" | "getByText"> {
  readonly keyboard: {
    press(key: string): Promise<void>;
    type(text: string, options?: { delay: number }): Promise<void>;
  };
  locator: Locator["locator"];
  frameLocator(selector: string): { first(): FrameLocator };
  goto(url: string): Promise<unknown>;
  screenshot(options: { path: string }): Promise<unknown>;
}

interface BrowserContext {
  newPage(): Promise<Page>;
  setDefaultTimeout(milliseconds: number): void;
  on(event: "request", listener: (request: { url(): string }) => void): void;
  close(): Promise<void>;
}

interface Playwright {
  chromium: { launchPersistentContext(folder: string, options: object): Promise<BrowserContext> };
}

/** A fresh browser without the calls home that Chromium makes by itself. */
export async function startBrowser(entry: string, executablePath: string, profile: string): Promise<BrowserContext> {
  const { chromium } = (await import(pathToFileURL(entry).href)) as Playwright;
  return chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // No name but this machine's resolves: what works here works without a network.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}
