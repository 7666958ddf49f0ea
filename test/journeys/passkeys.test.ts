/** Passkeys in a real browser: set up, as a second factor, and in place of name and password. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { type FreshClone, startFreshClone } from '../support/fresh-clone.ts';
import { seesHeading, typeSignIn, watchComplaints } from '../support/visit.ts';

/** A passkey in place of name and password, for whoever has one. */
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

let clone: FreshClone;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let throwComplaints: () => void;
let whoami: string;
let safe: string;

/** A device that keeps passkeys and knows its owner. Gives how many it has. */
async function plugIn(): Promise<() => Promise<number>> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return async () => {
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    return credentials.length;
  };
}

async function signIn(): Promise<void> {
  await page.goto(`${whoami}/`);
  await typeSignIn(page, 'ann', clone.banner.passwords['ann'] ?? '');
  await seesHeading(page, 'Hello, Ann Example');
}

/** From the set-up's page to the portal. */
async function setUp(): Promise<void> {
  await page.goto(`${clone.banner.portal}/flow/setup-passkey`);
  await seesHeading(page, 'Add a passkey');
  await page.getByRole('button', { name: 'Create passkey' }).click();
  await page.waitForURL(`${clone.banner.portal}/`);
}

/** Where the browser is, with what the page complains of. */
async function whereabouts(): Promise<string> {
  const alerts = await page.getByRole('alert').allInnerTexts();
  return [page.url(), ...alerts.filter((text) => text !== '')].join(' ');
}

describe.skipIf(isWithoutBrowser)('a passkey', () => {
  beforeAll(async () => {
    [clone, browser] = await Promise.all([
      startFreshClone({ routes: SAFE, flows: { login: LOGIN } }),
      launchBrowser(),
    ]);
    whoami = clone.banner.apps[0] ?? '';
    safe = whoami.replace('whoami.', 'safe.');
  });
  afterAll(async () => {
    await browser?.close();
    await clone?.close();
  });
  beforeEach(async () => {
    context = await newContext(browser);
    throwComplaints = watchComplaints(context);
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    throwComplaints();
  });

  it('is set up, steps up, and signs in without name and password', async () => {
    const kept = await plugIn();
    await signIn();
    await setUp();
    expect(await kept()).toBe(1);

    await page.goto(`${safe}/deep?x=1&y=%20`);
    await seesHeading(page, 'Use your passkey');
    await page.getByRole('button', { name: 'Continue with passkey' }).click();
    await expect.poll(() => whereabouts()).toBe(`${safe}/deep?x=1&y=%20`);

    await context.clearCookies();
    // This device would answer at once to the offer beside the name; here it is asked by the button.
    await page.addInitScript(
      'PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)',
    );
    await page.goto(`${whoami}/later?x=1`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect.poll(() => whereabouts()).toBe(`${whoami}/later?x=1`);
    // No password was asked, and the strong door is open as well.
    await page.goto(`${safe}/`);
    await seesHeading(page, 'Hello, Ann Example');
  });
});
