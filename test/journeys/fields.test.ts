/**
 * Fields that need more than a form: what each of them submits, in a real browser, and what remains
 * without scripts.
 */
import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { type Gallery, openGallery } from '../support/page-gallery.ts';

const PROVIDERS_SCRIPT = `
  for (const name of ['cf-turnstile-response', 'g-recaptcha-response']) {
    const input = document.createElement('input');
    Object.assign(input, { type: 'hidden', name, value: 'solved' });
    document.querySelector('.cf-turnstile').append(input);
  }`;

let browser: Browser;
let gallery: Gallery;
let context: BrowserContext;
let page: Page;

/** Opens a page; returns what its form submits afterwards. */
async function opened(name: string): Promise<{ sent: () => Promise<URLSearchParams> }> {
  const request = page.waitForRequest((r) => r.method() === 'POST');
  // A page that is never submitted closes with its context.
  request.catch(() => null);
  await page.goto(gallery.urls[name] as string);
  return { sent: async () => new URLSearchParams((await request).postData() ?? '') };
}

/** A security key that accepts every request. */
async function plugIn(isWilling: boolean): Promise<void> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: isWilling,
      automaticPresenceSimulation: isWilling,
    },
  });
}

async function fresh(script = true): Promise<void> {
  context = await newContext(browser, { script });
  page = await context.newPage();
  await page.route('**/flow/**', (route) => route.fulfill({ status: 204 }));
}

describe.skipIf(isWithoutBrowser)('a field', () => {
  beforeAll(async () => {
    [browser, gallery] = await Promise.all([launchBrowser(), openGallery()]);
  });
  afterAll(async () => {
    await browser.close();
    await gallery.close();
  });
  beforeEach(() => fresh());
  afterEach(() => context.close());

  it('creates a passkey and signs with it, as JSON under its own name', async () => {
    await plugIn(true);
    const making = await opened('field-passkey-new');
    await page.getByLabel('What you call it').fill('Laptop');
    await page.getByLabel('What you call it').press('Enter');
    const made = await making.sent();
    expect(made.get('nickname')).toBe('Laptop');
    const created = JSON.parse(made.get('passkey') ?? '');
    expect(created).toMatchObject({ type: 'public-key', id: created.rawId });
    expect(created.response.attestationObject).toMatch(/^[\w-]+$/);
    const data = JSON.parse(Buffer.from(created.response.clientDataJSON, 'base64url').toString());
    expect(data).toMatchObject({
      type: 'webauthn.create',
      challenge: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
    });

    const signing = await opened('field-second');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    const sent = await signing.sent();
    expect([sent.get('code'), sent.get('csrf')]).toEqual(['', 'example']);
    const answer = JSON.parse(sent.get('passkey') ?? '');
    expect(answer.id).toBe(created.id);
    expect(answer.response.signature).toMatch(/^[\w-]+$/);
  });

  it('sends the same through its own code where the browser or an extension lacks the function', async () => {
    await page.addInitScript(`
      delete PublicKeyCredential.parseRequestOptionsFromJSON;
      delete PublicKeyCredential.parseCreationOptionsFromJSON;
      PublicKeyCredential.prototype.toJSON = () => { throw new TypeError('Illegal invocation'); };`);
    await plugIn(true);
    const making = await opened('field-passkey-new');
    await page.getByRole('button', { name: 'Create passkey' }).click();
    const created = JSON.parse((await making.sent()).get('passkey') ?? '');
    expect(created.response.attestationObject).toMatch(/^[\w-]+$/);
    const signing = await opened('field-passkey');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    const answer = JSON.parse((await signing.sent()).get('passkey') ?? '');
    expect(answer).toMatchObject({ id: created.id, rawId: created.id, type: 'public-key' });
    expect(answer.response.userHandle).toBe('AAECAwQFBgc');
  });

  it('says in plain words that no passkey was available, and can be tried again', async () => {
    await page.addInitScript(`navigator.credentials.get = () =>
      Promise.reject(new DOMException('The operation either timed out', 'NotAllowedError'));`);
    await opened('field-passkey');
    const button = page.getByRole('button', { name: 'Sign in with a passkey' });
    await button.click();
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('canceled');
    expect(await button.isEnabled()).toBe(true);
  });

  it('stops offering passkeys once the form is submitted another way', async () => {
    await page.addInitScript(`
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(true);
      navigator.credentials.get = ({ mediation, signal }) => new Promise((_, reject) => {
        window.asked = mediation;
        signal.addEventListener('abort', () => { window.asked = 'aborted'; reject(signal.reason); });
      });`);
    const signing = await opened('field-conditional');
    await expect.poll(() => page.evaluate('window.asked')).toBe('conditional');
    await page.getByLabel('Username').fill('ann');
    await page.getByRole('button', { name: 'Continue' }).click();
    const sent = await signing.sent();
    expect([sent.get('login'), sent.get('passkey')]).toEqual(['ann', '']);
    expect(await page.evaluate('window.asked')).toBe('aborted');
  });

  it('solves its challenge in the page, and a form submitted early waits for it', async () => {
    const working = await opened('field-work');
    await page.getByRole('button', { name: 'Continue' }).click();
    const solution = JSON.parse((await working.sent()).get('work') ?? '');
    expect(solution).toMatchObject({ algorithm: 'SHA-256', number: 4242, signature: '00' });
  });

  it('submits an alternative at once, and the main action on Enter', async () => {
    const other = await opened('field-second');
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    expect((await other.sent()).get('method')).toBe('recovery_code');
    const main = await opened('field-second');
    await page.getByLabel('Code from the app').fill('123456');
    await page.getByLabel('Code from the app').press('Enter');
    const sent = await main.sent();
    expect([sent.get('code'), sent.get('method')]).toEqual(['123456', null]);
  });

  it('offers codes as a file and on the clipboard', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await opened('field-codes');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('auth.demo.localhost.txt');
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain('a7kq-m2xw-9r0t\nb7kq-m2xw-9r1t\n');
    await page.getByRole('button', { name: 'Copy' }).click();
    await expect.poll(() => page.getByRole('status').innerText()).toBe('Copied.');
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain('k7kq-m2xw-9r9t');
  });

  it('submits a captcha response under our name alone, and admits only its provider', async () => {
    const origins = new Set<string>();
    await page.route(/^https:/, (route) => {
      origins.add(new URL(route.request().url()).origin);
      return route.fulfill({ contentType: 'text/javascript', body: PROVIDERS_SCRIPT });
    });
    const checking = await opened('field-captcha');
    await page.getByRole('button', { name: 'Continue' }).click();
    expect([...(await checking.sent())].filter(([, value]) => value === 'solved')).toEqual([
      ['captcha', 'solved'],
    ]);
    expect([...origins]).toEqual(['https://challenges.cloudflare.com']);
  });

  it('UI-focus: accepts input again immediately after a wrong password', async () => {
    for (const script of [true, false]) {
      await context.close();
      await fresh(script);
      await opened('password-wrong');
      const name = await page.locator(':focus').getAttribute('name');
      expect(name, `script ${script}`).toBe('password');
    }
  });

  it('UI-totp-scroll: opens a tall page at its top on a small screen, and at the field on a large one', async () => {
    for (const [width, script, focused] of [
      [360, true, null],
      [360, false, null],
      [1280, true, 'code'],
    ] as const) {
      await context.close();
      context = await newContext(browser, { width, script });
      page = await context.newPage();
      await opened('field-totp');
      const top = await page.locator('h1').evaluate((h1) => h1.getBoundingClientRect().top);
      expect(top, `${width} wide, script ${script}`).toBeGreaterThanOrEqual(0);
      if (focused !== null) await page.locator(`[name=${focused}]:focus`).waitFor();
      else expect(await page.evaluate('scrollY')).toBe(0);
    }
  });

  it('says that it needs scripts if they are off, and leaves the other ways open', async () => {
    await context.close();
    await fresh(false);
    const other = await opened('field-passkey');
    expect(await page.locator('noscript').innerText()).toContain('Passkeys need JavaScript.');
    expect(await page.locator('button:visible').allInnerTexts()).toEqual([
      'Send a code to a…n@example.com',
      'Use a recovery code',
    ]);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    expect((await other.sent()).get('method')).toBe('recovery_code');
    await opened('field-codes');
    expect(await page.locator('button:visible').allInnerTexts()).toEqual(['Continue']);
  });
});
