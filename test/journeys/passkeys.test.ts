/**
 * Passkeys in a real browser: set up, as a second factor, and in place of username and password.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { creationOptions, requestOptions } from '../../src/core/people/passkey.ts';
import { isWithoutBrowser, newContext } from '../support/browser.ts';
import { askCredentials, plugIn, withoutAutofill } from '../support/device.ts';
import { type PasskeySite, startPasskeySite } from '../support/passkey-site.ts';
import { forgetCookies, seesHeading, typeSignIn, watchComplaints } from '../support/visit.ts';

let site: PasskeySite;
let clone: PasskeySite['clone'];
let browser: Browser;
let context: BrowserContext;
let page: Page;
let throwComplaints: () => void;
let whoami: string;
let safe: string;

async function signIn(): Promise<void> {
  await page.goto(`${whoami}/`);
  await typeSignIn(page, 'ann', clone.banner.passwords['ann'] ?? '');
  await seesHeading(page, 'Hello, Ann Example');
}

/** From the set-up page to the portal. */
async function setUp(): Promise<void> {
  await page.goto(`${clone.banner.portal}/flow/setup-passkey`);
  await seesHeading(page, 'Add a passkey');
  await page.getByRole('button', { name: 'Create passkey' }).click();
  await page.waitForURL(`${clone.banner.portal}/`);
}

/** The browser's location, with the errors that the page shows. */
async function whereabouts(): Promise<string> {
  const alerts = await page.getByRole('alert').allInnerTexts();
  return [page.url(), ...alerts.filter((text) => text !== '')].join(' ');
}

describe.skipIf(isWithoutBrowser)('a passkey', () => {
  beforeAll(async () => {
    site = await startPasskeySite();
    ({ clone, browser, whoami, safe } = site);
  });
  afterAll(async () => {
    await site?.close();
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

  it('is set up, steps up, and signs in without username and password', async () => {
    const kept = await plugIn(context, page);
    await signIn();
    await setUp();
    expect(await kept()).toHaveLength(1);

    await page.goto(`${safe}/deep?x=1&y=%20`);
    await seesHeading(page, 'Use your passkey');
    await page.getByRole('button', { name: 'Continue with passkey' }).click();
    await expect.poll(() => whereabouts()).toBe(`${safe}/deep?x=1&y=%20`);

    await forgetCookies(context, page);
    await withoutAutofill(page);
    await page.goto(`${whoami}/later?x=1`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect.poll(() => whereabouts()).toBe(`${whoami}/later?x=1`);
    // No password was required, and the strict app is open as well.
    await page.goto(`${safe}/`);
    await seesHeading(page, 'Hello, Ann Example');
  });

  it('PASSKEY-rp: cannot be used or replaced by a page on a sibling host of the portal', async () => {
    const kept = await plugIn(context, page);
    // A separate user: this device has none of the passkeys of other tests.
    await page.goto(`${whoami}/`);
    await typeSignIn(page, 'admin', clone.banner.passwords['admin'] ?? '');
    await seesHeading(page, 'Hello, Administrator');
    await setUp();
    const [passkey] = await kept();
    if (passkey === undefined) throw new Error('no passkey');
    expect(passkey.rpId).toBe('auth.demo.localhost');

    // The page of the sibling host knows everything, even the user handle.
    await page.goto(`${whoami}/`);
    const challenge = Buffer.alloc(32, 7).toString('base64url');
    const id = Buffer.from(passkey.userHandle ?? '', 'base64').toString('base64url');
    const create = (rpId: string) =>
      askCredentials(
        page,
        'create',
        creationOptions({
          challenge,
          rp: { id: rpId, name: 'Doorward' },
          user: { id, name: 'admin', displayName: 'Administrator' },
          attachment: null,
          residentKey: 'required',
          userVerification: 'required',
          excluded: [],
        }),
      );
    const get = (rpId: string) =>
      askCredentials(
        page,
        'get',
        requestOptions({ challenge, rpId, userVerification: 'required', allowed: [] }),
      );
    expect(await create('auth.demo.localhost')).toBe('SecurityError');
    expect(await get('auth.demo.localhost')).toBe('SecurityError');
    expect(JSON.parse(await create('demo.localhost'))).toMatchObject({ type: 'public-key' });
    const after = await kept();
    expect(after).toHaveLength(2);
    expect(after.map(({ credentialId }) => credentialId)).toContain(passkey.credentialId);

    await forgetCookies(context, page);
    await withoutAutofill(page);
    await page.goto(`${whoami}/later`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await seesHeading(page, 'Hello, Administrator');
  });
});
