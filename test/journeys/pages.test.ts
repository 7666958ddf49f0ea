/** Every page in a real browser: readable by everybody, narrow and wide, light and dark, with and without script. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoApps, startDemoApps } from '../../src/demo/demo-apps.ts';
import { isWithoutBrowser, launchBrowser, type Look, newContext } from '../support/browser.ts';
import { type Gallery, openGallery } from '../support/page-gallery.ts';

const SIGNED_IN = {
  'remote-user': 'ann',
  'remote-name': 'Ann Example',
  'remote-groups': 'staff',
  'x-forwarded-host': 'whoami.demo.localhost:4747',
};

let browser: Browser;
let gallery: Gallery;
let demo: DemoApps;
let urls: [name: string, url: string][];

/** What a captcha's provider would serve, so that nobody else is asked anything in a test. */
const PROVIDERS_SCRIPT = `
  const input = document.createElement('input');
  Object.assign(input, { type: 'hidden', name: 'cf-turnstile-response', value: 'solved' });
  document.querySelector('.cf-turnstile').append(input);`;

/** Looks at every page of ours and gathers what is wrong, the browser's own complaints too. */
async function onEvery(look: Look, check: (page: Page) => Promise<readonly string[]>) {
  const context = await newContext(browser, { headers: SIGNED_IN, ...look });
  await context.route(/^https:/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: PROVIDERS_SCRIPT }),
  );
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => void faults.push(`${page.url()}: ${message.text()}`));
  for (const [name, url] of urls) {
    await page.goto(url);
    faults.push(...(await check(page)).map((fault) => `${name}: ${fault}`));
  }
  await context.close();
  return faults;
}

/** Evaluates in the page; for lists of what is wrong. */
async function listed(page: Page, expression: string): Promise<string[]> {
  return page.evaluate(expression);
}

const TARGETS = [
  'button:not([hidden])',
  '.button',
  '.plain-button',
  '.apps a',
  '.quiet a',
  '.whose a',
  'form input:not(.unseen, [type=hidden], [type=checkbox], [type=radio])',
  '.check label',
  'select',
].join(', ');

describe.skipIf(isWithoutBrowser)('every page', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    [browser, gallery, demo] = await Promise.all([launchBrowser(), openGallery(), startDemoApps()]);
    urls = [
      ...Object.entries(gallery.urls),
      ['demo whoami', `${demo.whoami}/`],
      ['demo hello', `${demo.whoami}/public/hello`],
      ['demo notes', `${demo.notes}/`],
    ];
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([gallery.close(), demo.close()]);
  });

  it.each([
    { width: 1280, scheme: 'light' },
    { width: 360, scheme: 'dark' },
  ] as const)('has nothing for axe to object to ($width px, $scheme)', async (look) => {
    const faults = await onEvery(look, async (page) => {
      const { violations } = await new AxeBuilder({ page })
        // Without fetching sheets again, which our policy forbids, nor a second window for each page.
        .options({ preload: false })
        .setLegacyMode(true)
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`);
    });
    expect(faults).toEqual([]);
  });

  it.each([true, false])('fits 320 px without scrolling sideways (script: %s)', async (script) => {
    const faults = await onEvery({ width: 320, script }, (page) =>
      listed(
        page,
        `[document.documentElement].filter((e) => e.scrollWidth > e.clientWidth).map((e) => 'is ' + e.scrollWidth + ' px wide')`,
      ),
    );
    expect(faults).toEqual([]);
  });

  it('has targets of 44 px, wherever a finger has to hit', async () => {
    const faults = await onEvery({ width: 360 }, (page) =>
      listed(
        page,
        `[...document.querySelectorAll('${TARGETS}')].filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML)`,
      ),
    );
    expect(faults).toEqual([]);
  });

  it('has one heading, a title, a language, and a label for every field, without script too', async () => {
    const faults = await onEvery({ script: false }, async (page) => [
      ...(await listed(
        page,
        `[...document.querySelectorAll('input:not([type=hidden]):not([aria-hidden=true]), select')].filter((e) => e.labels.length === 0).map((e) => e.name + ' has no label')`,
      )),
      ...((await page.locator('h1').count()) === 1 ? [] : ['has not one h1']),
      ...(/^.+ · .+$/.test(await page.title()) ? [] : ['has no title']),
      ...((await page.locator('html').getAttribute('lang')) ===
      (/\/de-/.test(page.url()) ? 'de' : 'en')
        ? []
        : ['has not its language']),
    ]);
    expect(faults).toEqual([]);
  });

  it('wears its style sheets, also under the host of an app', async () => {
    const faults = await onEvery({ scheme: 'dark' }, (page) =>
      listed(
        page,
        `[getComputedStyle(document.documentElement).backgroundColor].filter((c) => c !== 'rgb(19, 21, 24)' && c !== 'rgb(21, 23, 27)')`,
      ),
    );
    expect(faults).toEqual([]);
  });

  it.each([true, false])('puts the focus where the next step is (script: %s)', async (script) => {
    const context = await newContext(browser, { script });
    const page = await context.newPage();
    const focusOn = async (name: string): Promise<string> => {
      await page.goto(gallery.urls[name] as string);
      await page.locator(':focus').waitFor();
      return page.evaluate('document.activeElement.name ?? document.activeElement.className');
    };
    expect(await focusOn('identification')).toBe('login');
    expect(await focusOn('password')).toBe('password');
    expect(await focusOn('password-wrong')).toBe('summary');
    expect(await focusOn('enrolment')).toBe('summary');
    expect(await focusOn('field-totp')).toBe('code');
    expect(await focusOn('field-passkey-new')).toBe('nickname');
    await context.close();
  });

  it('shows a password on request, and hides it again before it is sent', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.route('**/flow/**', (route) => route.fulfill({ status: 204 }));
    await page.goto(gallery.urls['password'] as string);
    const field = page.getByLabel('Password', { exact: true });
    await field.fill('secret');
    await page.getByRole('button', { name: 'Show Password' }).click();
    expect(await field.getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('form[aria-busy]').waitFor();
    expect(await field.getAttribute('type')).toBe('password');
    await context.close();
  });

  it('sends a form once, however often it is pressed', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(gallery.urls['leaving'] as string);
    const passed = await page.evaluate(`
      [1, 2, 3].map(() => document.forms[0].dispatchEvent(
        new SubmitEvent('submit', { bubbles: true, cancelable: true })))`);
    expect(passed).toEqual([true, false, false]);
    await context.close();
  });

  it('offers no button that only a script could work, when there is none', async () => {
    const context = await newContext(browser, { script: false });
    const page = await context.newPage();
    await page.goto(gallery.urls['password'] as string);
    expect(await page.locator('button:visible').allInnerTexts()).toEqual(['Sign in']);
    await context.close();
  });
});
