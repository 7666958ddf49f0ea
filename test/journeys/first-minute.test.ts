/** A new user's first minute: start it, read the banner, open its link, in a real browser. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { type FreshClone, startFreshClone } from '../support/fresh-clone.ts';
import { seesHeading, typeSignIn, watchComplaints } from '../support/visit.ts';

let clone: FreshClone;
let browser: Browser;
let whoami: string;
let notes: string;

describe.skipIf(isWithoutBrowser)('the first minute (unless left out)', () => {
  beforeAll(async () => {
    [clone, browser] = await Promise.all([startFreshClone(), launchBrowser()]);
    [whoami = '', notes = ''] = clone.banner.apps;
  });
  afterAll(async () => {
    await browser?.close();
    await clone?.close();
  });

  it('begins with a banner that contains all that is needed', () => {
    const { portal, apps, passwords } = clone.banner;
    expect(portal).toMatch(/^http:\/\/auth\.demo\.localhost:\d+$/);
    expect(apps.map((url) => new URL(url).hostname)).toEqual([
      'whoami.demo.localhost',
      'notes.demo.localhost',
    ]);
    expect(Object.keys(passwords)).toEqual(['admin', 'ann']);
    expect(clone.output()).toContain(`admin / ${passwords['admin']} `);
    expect(clone.output()).not.toContain(passwords['ann']);
    expect(statSync(join(clone.dir, 'data/first-sign-in.txt')).mode & 0o777).toBe(0o600);
    expect(clone.output()).not.toMatch(/warn|error|deprecat/i);
  });

  describe.each([
    ['with scripts', true, 1280, 'light'],
    ['without scripts, on a phone', false, 360, 'dark'],
  ] as const)('continues %s', (_, script, width, scheme) => {
    let context: BrowserContext;
    let page: Page;
    let throwComplaints: () => void;

    beforeEach(async () => {
      context = await newContext(browser, { script, width, scheme });
      throwComplaints = watchComplaints(context);
      page = await context.newPage();
    });
    afterEach(async () => {
      await context.close();
      throwComplaints();
    });

    const signIn = (name: string): Promise<void> =>
      typeSignIn(page, name, clone.banner.passwords[name] ?? '');
    const text = (selector: string): Promise<string> => page.locator(selector).innerText();

    it('for the administrator: one sign-in, two apps, a note, and sign-out', async () => {
      await page.goto(`${whoami}/some/page?a=1&b=%20`);
      await seesHeading(page, 'Sign in');
      expect(await text('p.app')).toContain('Who am I');
      await signIn('admin');
      await seesHeading(page, 'Hello, Administrator');
      expect(page.url()).toBe(`${whoami}/some/page?a=1&b=%20`);
      const identity = await page.locator('tr.identity').allInnerTexts();
      expect(identity.join('\n')).toMatch(/Remote-User\s+admin\s[^]*Remote-Groups\s+admins\s/);
      expect(await text('.gone >> nth=0')).toMatch(/Your ticket\s+absent/);

      await page.getByRole('link', { name: 'Open the notes app' }).click();
      await seesHeading(page, 'Notes');
      expect(new URL(page.url()).origin).toBe(notes);
      const note = `Milk & <b>bread</b>, ${String(script)}`;
      await page.getByLabel('New note').fill(note);
      await page.getByRole('button', { name: 'Add note' }).click();
      await page.locator('.notes .text', { hasText: note }).waitFor();

      await page.getByRole('link', { name: 'Sign out' }).click();
      await seesHeading(page, 'Sign out');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await seesHeading(page, 'You are signed out');
      await page.goto(whoami);
      await seesHeading(page, 'Sign in');
      await page.goto(notes);
      await seesHeading(page, 'Sign in');
    });

    it('for ann: signs in, sees why notes is denied, and can switch accounts', async () => {
      await page.goto(whoami);
      await signIn('ann');
      await seesHeading(page, 'Hello, Ann Example');
      await page.getByRole('link', { name: 'Notes', exact: true }).click();
      await seesHeading(page, 'You do not have access to this page');
      const told = await text('main');
      expect(told).toContain('You are signed in as Ann Example');
      expect(told).toContain(
        'Only members of certain groups have access, and your account is not in them.',
      );
      expect(told).toMatch(/Request ID\s+\S+\s+Error code\s+group\/not-member/);

      await page.getByRole('link', { name: 'Your apps' }).click();
      await seesHeading(page, 'Your apps');
      expect(await page.locator('.apps strong').allInnerTexts()).toEqual(['Who am I']);

      await page.goto(`${notes}/?for=ann`);
      await page.getByRole('link', { name: 'Sign in with another account' }).click();
      await seesHeading(page, 'Sign in');
      await signIn('admin');
      await seesHeading(page, 'Notes');
      expect(page.url()).toBe(`${notes}/?for=ann`);
    });

    it('on the portal: lists the apps the user may open, each a click away', async () => {
      await page.goto(clone.banner.portal);
      await seesHeading(page, 'Sign in');
      await signIn('admin');
      await seesHeading(page, 'Your apps');
      expect(page.url()).toBe(`${clone.banner.portal}/`);
      expect(await page.locator('.apps strong').allInnerTexts()).toEqual(['Notes', 'Who am I']);
      await page.getByRole('link', { name: 'Who am I' }).click();
      await seesHeading(page, 'Hello, Administrator');
    });

    it('for a visitor: shows public pages, and the same reply to every guess', async () => {
      await page.goto(`${whoami}/public/hello`);
      await seesHeading(page, 'Hello from a public page');
      const refusals: string[] = [];
      for (const name of ['ann', 'nobody-at-all']) {
        await page.goto(whoami);
        await typeSignIn(page, name, 'a wrong guess');
        refusals.push(await text('.summary'));
      }
      expect(refusals[0]).toContain('Wrong username or password');
      expect(refusals[1]).toBe(refusals[0]);
      await page.goto(`${clone.banner.portal}/no-such-page`);
      await seesHeading(page, 'Page not found');
    });
  });
});
