/**
 * Every page in a real browser: readable by every user, narrow and wide, light and dark, with and
 * without scripts.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoApps, startDemoApps } from '../../src/demo/demo-apps.ts';
import { isWithoutBrowser, type Look, launchBrowser, newContext } from '../support/browser.ts';
import { isLong } from '../support/long.ts';
import { type Gallery, openGallery, WITHOUT_SCRIPTS } from '../support/page-gallery.ts';

const SIGNED_IN = {
  'remote-user': 'ann',
  'remote-name': 'Ann Example',
  'remote-groups': 'staff',
  'x-forwarded-host': 'whoami.demo.localhost:4747',
};

let browser: Browser;
let gallery: Gallery;
let demo: DemoApps;
/** The problems of pages, by what was checked. */
const faults: Record<'axe' | 'width' | 'targets' | 'frame' | 'sheets' | 'console', string[]> = {
  axe: [],
  width: [],
  targets: [],
  frame: [],
  sheets: [],
  console: [],
};

/** What a captcha's provider would serve, so that tests make no external requests. */
const PROVIDERS_SCRIPT = `
  const input = document.createElement('input');
  Object.assign(input, { type: 'hidden', name: 'cf-turnstile-response', value: 'solved' });
  document.querySelector('.cf-turnstile')?.append(input);`;
const provide = (route: Route): Promise<void> =>
  route.fulfill({ contentType: 'text/javascript', body: PROVIDERS_SCRIPT });

/**
 * Both schemes and both widths; `npm run test:long` checks every combination. The last one is dark
 * and narrow.
 */
const LOOKS = [1280, 360]
  .flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })))
  .filter(({ width, scheme }) => isLong || (width === 1280) === (scheme === 'light'));

/** Our policy forbids axe to fetch style sheets again, so it checks the loaded ones. */
const AXE = readFileSync(
  createRequire(import.meta.resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'),
  'utf8',
);
const RUN_AXE = `axe.run(document, { preload: false, resultTypes: ['violations'], runOnly:
    ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
  .then(({ violations }) =>
    violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' ')))`;

/** The problems that axe finds in a page, in every variant: each page is opened once. */
async function axeFaults(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { width, scheme } of LOOKS) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme: scheme });
    const objections: string[] = await page.evaluate(RUN_AXE);
    found.push(...objections.map((objection) => `${width} px, ${scheme}: ${objection}`));
  }
  return found;
}

/** Checks each of these pages in a browser context of its own. */
async function onEvery(
  pages: Readonly<Record<string, string>>,
  look: Look,
  check: (page: Page) => Promise<Partial<Record<keyof typeof faults, readonly string[]>>>,
): Promise<void> {
  const context = await newContext(browser, { headers: SIGNED_IN, ...look });
  // Before any page, so that the browser receives it once.
  if (look.script !== false) await context.addInitScript(AXE);
  const page = await context.newPage();
  page.on('console', (message) => void faults.console.push(`${page.url()}: ${message.text()}`));
  for (const [name, url] of Object.entries(pages)) {
    // Routes switch the browser's cache off, so only these pages have one.
    const isForeign = gallery.foreign.includes(name);
    if (isForeign) await page.route(/^https:/, provide);
    await page.goto(url);
    if (isForeign) await page.unroute(/^https:/);
    for (const [what, found = []] of Object.entries(await check(page))) {
      faults[what as keyof typeof faults].push(...found.map((fault) => `${name}: ${fault}`));
    }
  }
  await context.close();
}

/** Runs in the page; returns a list of problems. */
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

const TOO_WIDE = `[document.documentElement].filter((e) => e.scrollWidth > e.clientWidth)
  .map((e) => 'is ' + e.scrollWidth + ' px wide')`;
const TOO_LOW = `[...document.querySelectorAll('${TARGETS}')]
  .filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML)`;
const UNLABELLED = `[...document.querySelectorAll(
    'input:not([type=hidden]):not([aria-hidden=true]), select')]
  .filter((e) => e.labels.length === 0).map((e) => e.name + ' has no label')`;
const UNDRESSED = `[getComputedStyle(document.documentElement).backgroundColor]
  .filter((c) => c !== 'rgb(19, 21, 24)' && c !== 'rgb(21, 23, 27)')`;

/** All checks of a page with its scripts. */
async function withScripts(page: Page) {
  const axe = await axeFaults(page);
  // Dark and 360 px wide by now.
  const sheets = await listed(page, UNDRESSED);
  const targets = await listed(page, TOO_LOW);
  await page.setViewportSize({ width: 320, height: 740 });
  return { axe, sheets, targets, width: await listed(page, TOO_WIDE) };
}

/** The frame of a page, and what remains of it without scripts. */
async function switchedOff(page: Page) {
  const frame = [
    ...(await listed(page, UNLABELLED)),
    ...((await page.locator('h1').count()) === 1 ? [] : ['has not one h1']),
    ...(/^.+ · .+$/.test(await page.title()) ? [] : ['has no title']),
    ...((await page.locator('html').getAttribute('lang')) ===
    (/\/de-/.test(page.url()) ? 'de' : 'en')
      ? []
      : ['has not its language']),
  ];
  return { frame, width: await listed(page, TOO_WIDE) };
}

const onlyAxe = async (page: Page) => ({ axe: await axeFaults(page) });

describe.skipIf(isWithoutBrowser)('every page', () => {
  beforeAll(async () => {
    [browser, gallery, demo] = await Promise.all([launchBrowser(), openGallery(), startDemoApps()]);
    const pages = {
      ...gallery.urls,
      'demo whoami': `${demo.whoami}/`,
      'demo hello': `${demo.whoami}/public/hello`,
      'demo notes': `${demo.notes}/`,
    };
    // The others are the same document, with scripts or without.
    const changed = Object.fromEntries(
      gallery.scripted.map((name) => [name, gallery.urls[name] ?? '']),
    );
    await Promise.all([
      onEvery(pages, {}, withScripts),
      onEvery(changed, { headers: { [WITHOUT_SCRIPTS]: '1' } }, onlyAxe),
      onEvery(pages, { width: 320, script: false }, switchedOff),
      onEvery(gallery.emails, {}, onlyAxe),
    ]);
  }, 600_000);
  afterAll(async () => {
    await browser.close();
    await Promise.all([gallery.close(), demo.close()]);
  });

  it('passes axe, light and dark, wide and narrow, with scripts and without', () => {
    expect(gallery.scripted.length).toBeGreaterThan(20);
    expect(faults.axe).toEqual([]);
  });

  it('fits 320 px without scrolling sideways, with scripts and without', () => {
    expect(faults.width).toEqual([]);
  });

  it('has touch targets of at least 44 px', () => {
    expect(faults.targets).toEqual([]);
  });

  it('has one heading, a title, a language, and a label for every field, also without scripts', () => {
    expect(faults.frame).toEqual([]);
  });

  it('loads its style sheets, also under the host of an app', () => {
    expect(faults.sheets).toEqual([]);
  });

  it('causes no browser warnings', () => {
    expect(faults.console).toEqual([]);
  });

  it.each([true, false])('puts the focus on the next step (script: %s)', async (script) => {
    const context = await newContext(browser, { script });
    const page = await context.newPage();
    const seesFocusOn = async (name: string, focused: string): Promise<void> => {
      await page.goto(gallery.urls[name] as string);
      const read = () =>
        page.evaluate('document.activeElement.name ?? document.activeElement.className');
      await expect.poll(read).toBe(focused);
    };
    await seesFocusOn('identification', 'login');
    await seesFocusOn('password', 'password');
    await seesFocusOn('password-wrong', 'password');
    // Below a text or a picture, only a script can determine whether the page would have to scroll.
    await seesFocusOn('enrolment', script ? 'email' : 'summary');
    if (script) await seesFocusOn('field-totp', 'code');
    await seesFocusOn('field-passkey-new', 'nickname');
    await context.close();
  });

  it('shows a password on request, and hides it again before it is submitted', async () => {
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

  it('submits a form once, however often its button is pressed', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(gallery.urls['leaving'] as string);
    const passed = await page.evaluate(`
      [1, 2, 3].map(() => document.forms[0].dispatchEvent(
        new SubmitEvent('submit', { bubbles: true, cancelable: true })))`);
    expect(passed).toEqual([true, false, false]);
    await context.close();
  });

  it('shows no button that needs scripts if they are off', async () => {
    const context = await newContext(browser, { script: false });
    const page = await context.newPage();
    await page.goto(gallery.urls['password'] as string);
    expect(await page.locator('button:visible').allInnerTexts()).toEqual(['Sign in']);
    await context.close();
  });
});
