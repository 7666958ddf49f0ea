/** What users see in a real browser when the cookies of the sign-in get lost. */
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { type Door, PASSWORD, type Site, startSite } from '../support/site.ts';
import { seesHeading, typeSignIn } from '../support/visit.ts';

const LOST = 'Your sign-in is not being kept';

/** Cookies that never reach the gateway, as from a browser that blocks them. */
let blocked: RegExp | null = null;

/** Forwards everything else as it is. */
const DOOR: Door = {
  name: 'a front that can lose cookies',
  example: 'nginx',
  async start({ dir, port }) {
    const text = readFileSync(join(dir, 'doorward.yaml'), 'utf8');
    const inner = Number(/^listen: 127\.0\.0\.1:(\d+)/m.exec(text)?.[1]);
    const front = createServer((req, res) => {
      const headers = { ...req.headers };
      const kept = headers.cookie?.split('; ').filter((one) => blocked?.test(one) !== true);
      if (kept !== undefined) headers.cookie = kept.join('; ');
      const { method, url: path } = req;
      const onward = request({ port: inner, method, path, headers }, (reply) => {
        res.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(res);
      });
      req.pipe(onward);
    });
    await new Promise<void>((resolve) => void front.listen(port, '127.0.0.1', resolve));
    return {
      async stop() {
        front.closeAllConnections();
        await new Promise((resolve) => void front.close(resolve));
      },
    };
  },
};

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

describe.skipIf(isWithoutBrowser)('LOOP: a user whose cookies get lost', () => {
  it('learns after the first form that the browser returns none', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    blocked = /./;
    await page.goto(`${site.wiki}/x`);
    await page.locator('input[name=login]').fill('ann');
    await page.keyboard.press('Enter');
    await seesHeading(page, LOST);
    expect(await page.locator('.lead').innerText()).toContain('does not send back the cookie');
    const facts = await page.locator('.facts code').allInnerTexts();
    expect(facts).toEqual([expect.stringMatching(/^\S{10,}$/), 'flow/circle']);
    blocked = null;
    await page.reload();
    expect(await page.locator('input[name=login]').count()).toBe(1);
    await context.close();
  });

  it.each([
    ['the portal’s cookie', /^doorward(?:-portal)?=/, 'did not keep you signed in'],
    ['the app’s cookie', /^doorward=/, 'does not send the sign-in cookie to the app'],
  ])('learns that the browser loses %s, and tries again once it is back', async (_, lost, why) => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(`${site.wiki}/x`);
    await typeSignIn(page, 'ann', PASSWORD);
    await page.waitForURL(`${site.wiki}/x`);
    blocked = lost;
    await page.goto(`${site.wiki}/x`);
    await seesHeading(page, LOST);
    expect(await page.locator('.lead').innerText()).toContain(why);
    blocked = null;
    await page.getByRole('link', { name: 'Try the app again' }).click();
    await page.waitForURL(`${site.wiki}/x`);
    await context.close();
  });

  it('opens the same page in many tabs, and every one of them opens', async () => {
    const context = await newContext(browser);
    const first = await context.newPage();
    await first.goto(`${site.wiki}/x`);
    const others = await Promise.all([1, 2, 3, 4].map(() => context.newPage()));
    await Promise.all(others.map((tab) => tab.goto(`${site.wiki}/x`)));
    for (const tab of others) expect(await tab.locator('input[name=login]').count()).toBe(1);
    await typeSignIn(first, 'ann', PASSWORD);
    await first.waitForURL(`${site.wiki}/x`);
    await Promise.all(others.map((tab) => tab.goto(`${site.wiki}/x`)));
    for (const tab of others) expect(tab.url()).toBe(`${site.wiki}/x`);
    await context.close();
  });
});
