/** Signing in as users actually do: twice at once, backwards, in several tabs, with stale pages. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { Client } from '../support/client.ts';
import { runCommand } from '../support/command.ts';
import { type FreshClone, startFreshClone } from '../support/fresh-clone.ts';
import {
  fillFocused,
  seesHeading,
  typeName,
  typeSignIn,
  watchComplaints,
} from '../support/visit.ts';

let clone: FreshClone;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let throwComplaints: () => void;
let whoami: string;
let notes: string;
const passwordOf = (name: string): string => clone.banner.passwords[name] ?? '';

beforeAll(async () => {
  clone = await startFreshClone({ hashing: 'quick' });
  [whoami = '', notes = ''] = clone.banner.apps;
});
afterAll(() => clone?.close());

describe('a form that is submitted twice at once', () => {
  it('signs in once, and both replies lead to the app', async () => {
    const visitor = new Client();
    const form = await visitor.submitAndFollow(await visitor.follow(`${whoami}/twice`), {
      login: 'ann',
    });
    const before = await sessions();
    const answers = await Promise.all([
      visitor.submit(form, { password: passwordOf('ann') }),
      visitor.submit(form, { password: passwordOf('ann') }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(303);
      expect(answer.cookies.filter((line) => line.startsWith('doorward=')).length).toBe(1);
    }
    const end = await visitor.follow(answers[1].location);
    expect([end.status, end.url]).toEqual([200, `${whoami}/twice`]);
    expect((await sessions()) - before).toBe(1);
  });
});

async function sessions(): Promise<number> {
  const file = `${clone.dir}/config/doorward.yaml`;
  const ran = await runCommand(['session', 'list', '--json', '-c', file]);
  return (JSON.parse(ran.out) as unknown[]).length;
}

function signIn(tab: Page, name: string): Promise<void> {
  return typeSignIn(tab, name, passwordOf(name));
}

describe.skipIf(isWithoutBrowser)('in a browser (unless left out)', () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  // What our script affects is tested without it as well.
  describe.each([true, false])('with script: %s', (script) => {
    inOneTab(script);
  });
  describe('in several tabs', () => {
    inSeveralTabs();
  });
});

/** A fresh profile for each test; a browser error fails it. */
function eachInOwnProfile(script: boolean): void {
  beforeEach(async () => {
    context = await newContext(browser, { script });
    throwComplaints = watchComplaints(context);
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    throwComplaints();
  });
}

function inOneTab(script: boolean): void {
  eachInOwnProfile(script);

  it('double clicks on every button end where one click does', async () => {
    await page.goto(`${whoami}/?x=1&y=%20`);
    await fillFocused(page, 'login', 'admin');
    await page.getByRole('button', { name: 'Next' }).dblclick();
    await fillFocused(page, 'password', passwordOf('admin'));
    await page.getByRole('button', { name: 'Sign in' }).dblclick();
    await seesHeading(page, 'Hello, Administrator');
    expect(page.url()).toBe(`${whoami}/?x=1&y=%20`);
  });

  it('a wrong password is reported, and the right one leads to the same destination', async () => {
    await page.goto(`${whoami}/kept?a=b`);
    await typeSignIn(page, 'ann', 'not hers');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('Wrong username or password');
    await fillFocused(page, 'password', passwordOf('ann'));
    await page.keyboard.press('Enter');
    await seesHeading(page, 'Hello, Ann Example');
    expect(page.url()).toBe(`${whoami}/kept?a=b`);
  });

  it('the back button halfway through lets the user start over as someone else', async () => {
    await page.goto(whoami);
    await typeName(page, 'ann');
    await page.goBack();
    await seesHeading(page, 'Sign in');
    await fillFocused(page, 'login', 'admin');
    await page.keyboard.press('Enter');
    await fillFocused(page, 'password', passwordOf('admin'));
    await page.keyboard.press('Enter');
    await seesHeading(page, 'Hello, Administrator');
    expect(page.url()).toBe(`${whoami}/`);
  });

  it('the back button afterwards meets no dead end', async () => {
    await page.goto(whoami);
    await signIn(page, 'ann');
    await seesHeading(page, 'Hello, Ann Example');
    // The password page has been submitted and continues; the one before says who is signed in.
    await page.goBack();
    await seesHeading(page, 'Hello, Ann Example');
    await page.goBack();
    await seesHeading(page, 'You are signed in');
    await page.getByRole('link', { name: 'Continue' }).click();
    await seesHeading(page, 'Hello, Ann Example');
    expect(page.url()).toBe(`${whoami}/`);
  });
}

function inSeveralTabs(): void {
  eachInOwnProfile(true);

  it('two tabs for two apps each get their own, even if the other was first', async () => {
    const other = await context.newPage();
    await page.goto(`${whoami}/first`);
    await other.goto(`${notes}/?second`);
    await signIn(page, 'admin');
    await seesHeading(page, 'Hello, Administrator');
    expect(page.url()).toBe(`${whoami}/first`);
    await signIn(other, 'admin');
    await seesHeading(other, 'Notes');
    expect(other.url()).toBe(`${notes}/?second`);
    await page.reload();
    await seesHeading(page, 'Hello, Administrator');
  });

  it('a tab left at the password still works after a sign-in elsewhere, and the last one counts', async () => {
    const other = await context.newPage();
    await page.goto(whoami);
    await typeName(page, 'ann');
    await other.goto(notes);
    await signIn(other, 'admin');
    await seesHeading(other, 'Notes');
    await page.bringToFront();
    await page.getByLabel('Password', { exact: true }).fill(passwordOf('ann'));
    await page.keyboard.press('Enter');
    await seesHeading(page, 'Hello, Ann Example');
    await other.reload();
    await seesHeading(other, 'You do not have access to this page');
    expect(await other.locator('main').innerText()).toContain('Ann Example');
  });

  it('a form in an app whose session has ended asks to sign in, and returns to the app', async () => {
    const other = await context.newPage();
    await page.goto(notes);
    await signIn(page, 'admin');
    await page.getByLabel('New note').fill('too late');
    await other.goto(`${whoami}/.doorward/sign-out`);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await seesHeading(other, 'You are signed out');
    await page.getByRole('button', { name: 'Add note' }).click();
    await seesHeading(page, 'Sign in');
    await signIn(page, 'admin');
    await seesHeading(page, 'Notes');
    expect(await page.getByText('too late').count()).toBe(0);
  });
}
