/**
 * A fresh clone whose sign-in accepts a passkey in place of username and password, and a browser
 * that opens it.
 */
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { type FreshClone, startFreshClone } from './fresh-clone.ts';

const LOGIN = `title: Sign in
designation: authentication
stages:
  - { type: identification, passkey: true }
  - { type: password }
  - { type: user_login }
`;

const SAFE = `
  - id: safe
    title: Safe
    host: safe.demo.localhost
    upstream: demo:whoami
    policies:
      - { type: method, any: [totp, webauthn], within: 1h, otherwise: step-up }
`;

/** The clone, its browser, and the URLs of two of its apps. */
export interface PasskeySite {
  readonly clone: FreshClone;
  readonly browser: Browser;
  readonly whoami: string;
  /** Requires a second factor within the last hour. */
  readonly safe: string;
  readonly close: () => Promise<void>;
}

/** Starts both. */
export async function startPasskeySite(): Promise<PasskeySite> {
  const [clone, browser] = await Promise.all([
    startFreshClone({ routes: SAFE, flows: { login: LOGIN } }),
    launchBrowser(),
  ]);
  const whoami = clone.banner.apps[0] ?? '';
  return {
    clone,
    browser,
    whoami,
    safe: whoami.replace('whoami.', 'safe.'),
    async close() {
      await browser.close();
      await clone.close();
    },
  };
}
