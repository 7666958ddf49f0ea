/**
 * A real Chromium for journeys, found on PATH, without network use of its own. It resolves every
 * name below `localhost` and `gw.test` to loopback. The test that launches it closes it.
 */
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { isLeftOut, needBinary } from './packages.ts';

/** Quiet and self-contained: no sandbox (for containers), no GPU, no background requests. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--host-resolver-rules=MAP *.gw.test 127.0.0.1',
];

/** Whether `DOORWARD_TEST_WITHOUT` permits running without a browser. */
export const isWithoutBrowser = isLeftOut('chromium');

/** A headless Chromium. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: needBinary('chromium'), args: FLAGS, headless: true });
}

/**
 * Longest wait for a page or a part of it, in milliseconds; it ends what hangs, and measures no
 * speed.
 */
const PATIENCE = 90_000;

/** How a user views it. */
export interface Look {
  /** CSS pixels; defaults to 1280. */
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly script?: boolean;
  /** Accepts any certificate. */
  readonly ignoreCertificates?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A fresh profile: no cookies, with these preferences. */
export async function newContext(browser: Browser, look: Look = {}): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1280, height: (look.width ?? 1280) < 600 ? 740 : 800 },
    colorScheme: look.scheme ?? 'light',
    javaScriptEnabled: look.script ?? true,
    ignoreHTTPSErrors: look.ignoreCertificates ?? false,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    ...(look.headers === undefined ? {} : { extraHTTPHeaders: { ...look.headers } }),
  });
  context.setDefaultTimeout(PATIENCE);
  return context;
}
