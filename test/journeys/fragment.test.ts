/**
 * The part of a URL after # never reaches a server, and still survives a sign-in in a real browser.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { PASSWORD, type Site, startSite } from '../support/site.ts';
import { typeName, typeSignIn } from '../support/visit.ts';

const DOOR = { name: 'the gateway itself', example: 'nginx', start: null } as const;

let browser: Browser;
let site: Site;

beforeAll(async () => {
  if (isWithoutBrowser) return;
  browser = await launchBrowser();
  site = await startSite(DOOR);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

describe.skipIf(isWithoutBrowser)('FRAG: a fragment', () => {
  it('is restored after the sign-in, and no server received it', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    const requests: string[] = [];
    context.on('request', (request) =>
      requests.push(`${request.url()} ${request.postData() ?? ''}`),
    );
    await page.goto(`${site.wiki}/x?tab=1#/queues/a`);
    await typeSignIn(page, 'ann', PASSWORD);
    await page.waitForURL(`${site.wiki}/x?tab=1#/queues/a`);
    expect(await page.evaluate('location.hash')).toBe('#/queues/a');
    const sent = requests.map((line) => line.replace(/#\S*/, ''));
    expect(sent.filter((line) => line.includes('queues'))).toEqual([]);
    await context.close();
  });

  it('survives a wrong password', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(`${site.wiki}/x#deep`);
    await typeSignIn(page, 'ann', 'wrong password');
    await page.locator('.summary').waitFor();
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${site.wiki}/x#deep`);
    expect(page.url()).toBe(`${site.wiki}/x#deep`);
    await context.close();
  });

  it('is kept when a script follows login_url with it', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    const login = `${site.portal}/flow/login?rd=${encodeURIComponent(`${site.wiki}/x`)}`;
    await page.goto(`${login}#/a?b=c`);
    await typeSignIn(page, 'ann', PASSWORD);
    await page.waitForURL(`${site.wiki}/x#/a?b=c`);
    expect(page.url()).toBe(`${site.wiki}/x#/a?b=c`);
    await context.close();
  });

  it('may contain anything, and never runs as a script', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(`${site.wiki}/x#"><img src=x onerror=alert(1)>`);
    await typeSignIn(page, 'ann', PASSWORD);
    await page.waitForURL(/wiki[^#]*\/x#.*onerror/);
    expect(await page.locator('img').count()).toBe(0);
    await context.close();
  });

  it('is lost without scripts, and nothing else is', async () => {
    const context = await newContext(browser, { script: false });
    const page = await context.newPage();
    await page.goto(`${site.wiki}/x#deep`);
    await typeName(page, 'ann');
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(/wiki[^/]*\/x/);
    expect(page.url()).toMatch(/\/x$|\/x#deep$/);
    await context.close();
  });
});

describe.skipIf(isWithoutBrowser)('COOKIE-two: a leftover cookie in a real browser', () => {
  it('is removed on the way, and the visitor stays signed in', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(`${site.wiki}/x`);
    await typeSignIn(page, 'ann', PASSWORD);
    await page.waitForURL(`${site.wiki}/x`);
    const named = { name: 'doorward', value: 'leftover', path: '/' };
    await context.addCookies(
      [
        { ...named, url: site.wiki },
        { ...named, url: site.portal },
      ].map(({ url, ...cookie }) => ({ ...cookie, domain: new URL(url).hostname, path: '/' })),
    );
    await page.goto(`${site.wiki}/y`);
    await page.waitForURL(`${site.wiki}/y`);
    const left = (await context.cookies(`${site.wiki}/y`)).filter(
      ({ name }) => name === 'doorward',
    );
    expect(left).toHaveLength(1);
    expect(left[0]?.value).not.toBe('leftover');
    await context.close();
  });
});
