/** Passkeys of an older release, which belong to the cookie domain, in a real browser. */
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccounts } from '../../src/accounts/accounts.ts';
import { creationOptions } from '../../src/core/people/passkey.ts';
import { userHandle } from '../../src/core/proof/passkey-proof.ts';
import { createPasskeys } from '../../src/passkeys/passkeys.ts';
import { effectiveSecrets } from '../../src/run/backing/secrets.ts';
import { createVault } from '../../src/tickets/vault.ts';
import { isWithoutBrowser, newContext } from '../support/browser.ts';
import { runCommand } from '../support/command.ts';
import { askCredentials, type DevicePasskey, plugIn, withoutAutofill } from '../support/device.ts';
import { testAuthenticator } from '../support/fake-accounts.ts';
import { type PasskeySite, startPasskeySite } from '../support/passkey-site.ts';
import { testClock } from '../support/state.ts';
import { forgetCookies, seesHeading, typeSignIn, watchComplaints } from '../support/visit.ts';

let site: PasskeySite;
let clone: PasskeySite['clone'];
let browser: Browser;
let context: BrowserContext;
let page: Page;
let throwComplaints: () => void;
let kept: () => Promise<readonly DevicePasskey[]>;
let whoami: string;
let safe: string;

/** The id of a user, as an administrator looks it up. */
async function idOf(name: string): Promise<string> {
  const file = join(clone.dir, 'config/doorward.yaml');
  const { out } = await runCommand(['user', 'show', name, '--json', '-c', file]);
  return (JSON.parse(out) as { id: string }).id;
}

/**
 * Sets up a passkey as the older release did: for the cookie domain, with neither rpId nor handle
 * stored.
 */
async function setUpOlder(name: string): Promise<void> {
  const { portal } = clone.banner;
  const dataDir = join(clone.dir, 'data');
  const vault = createVault(await effectiveSecrets([], dataDir));
  const userId = await idOf(name);
  const challenge = Buffer.alloc(32, 7).toString('base64url');
  await page.route(`${portal}/blank`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Blank</title>' }),
  );
  await page.goto(`${portal}/blank`);
  const answer = await askCredentials(
    page,
    'create',
    creationOptions({
      challenge,
      rp: { id: 'demo.localhost', name: 'Doorward' },
      user: { id: userHandle(vault, userId), name, displayName: name },
      attachment: null,
      residentKey: 'required',
      userVerification: 'required',
      excluded: [],
    }),
  );
  const expected = { challenge, origin: portal, rpId: 'demo.localhost', verified: true };
  const made = await createPasskeys().register(answer, expected);
  if (made === null) throw new Error(`no passkey: ${answer}`);
  const accounts = openAccounts({ clock: testClock(), vault, dataDir });
  await accounts.addAuthenticator(
    testAuthenticator({
      id: 'AAAAAAAAAAAAAAAAAAAAAA',
      userId,
      kind: 'webauthn',
      name: 'Laptop',
      handle: made.id,
      data: made.data,
    }),
  );
  await accounts.close();
}

async function press(label: string): Promise<void> {
  await page.getByRole('button', { name: label, exact: true }).click();
}

describe.skipIf(isWithoutBrowser)('a passkey of an older release', () => {
  beforeAll(async () => {
    site = await startPasskeySite();
    ({ clone, browser, whoami, safe } = site);
    context = await newContext(browser);
    throwComplaints = watchComplaints(context);
    page = await context.newPage();
    kept = await plugIn(context, page);
    await setUpOlder('ann');
  });
  afterAll(async () => {
    await site?.close();
    throwComplaints?.();
  });

  it('signs in without username and password by the second button', async () => {
    await page.goto(`${whoami}/`);
    await press('Sign in with an older passkey');
    await seesHeading(page, 'Hello, Ann Example');
    expect(page.url()).toBe(`${whoami}/`);
  });

  it('is the second factor of a user who has no other passkey', async () => {
    await forgetCookies(context, page);
    await page.goto(`${whoami}/`);
    await typeSignIn(page, 'ann', clone.banner.passwords['ann'] ?? '');
    await seesHeading(page, 'Hello, Ann Example');
    await page.goto(`${safe}/`);
    await seesHeading(page, 'Use your passkey');
    expect(await page.getByRole('button', { name: 'older passkey' }).count()).toBe(0);
    await press('Continue with passkey');
    await seesHeading(page, 'Hello, Ann Example');
  });

  it('coexists with a new passkey on the same device, and either is a second factor', async () => {
    await page.goto(`${clone.banner.portal}/flow/setup-passkey`);
    await seesHeading(page, 'Add a passkey');
    await press('Create passkey');
    await page.waitForURL(`${clone.banner.portal}/`);
    const rpIds = (await kept()).map(({ rpId }) => rpId);
    expect(new Set(rpIds)).toEqual(new Set(['auth.demo.localhost', 'demo.localhost']));
    await withoutAutofill(page);
    for (const label of ['Use an older passkey', 'Continue with passkey']) {
      await forgetCookies(context, page);
      await page.goto(`${whoami}/`);
      await typeSignIn(page, 'ann', clone.banner.passwords['ann'] ?? '');
      await seesHeading(page, 'Hello, Ann Example');
      await page.goto(`${safe}/`);
      await seesHeading(page, 'Use your passkey');
      await press(label);
      await seesHeading(page, 'Hello, Ann Example');
    }
  });
});
