/**
 * Signing in with another provider: a real gateway, a real OpenID Connect provider and a real browser.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { ANN, type RealProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { freePort } from '../support/ports.ts';
import { seesHeading } from '../support/visit.ts';
import { startWebApp } from '../support/web-app.ts';

let browser: Browser;
let gateway: Gateway;
let provider: RealProvider;
let app: Awaited<ReturnType<typeof startWebApp>>;
let startProvider: () => Promise<RealProvider>;

beforeAll(async () => {
  app = await startWebApp('app');
  const port = await freePort();
  // The provider is away while the gateway starts.
  gateway = await startGateway({
    directories: '[{ type: embedded }, { type: file, path: users.yaml }]',
    env: { COMPANY_SECRET: 'a secret of the provider and us' },
    config: () => `
session: { cookie_domains: [gw.test] }
sources:
  company:
    type: oidc
    issuer: http://127.0.0.1:${port}
    client_id: doorward
    client_secret: "\${env:COMPANY_SECRET}"
    scopes: [openid, profile, email, groups]
    unknown: create
    link: verified_email
    admit: [{ type: expression, when: '!("banned" in claims.groups)' }]
    groups: { only: [writers] }
routes:
  - { id: wiki, host: wiki.gw.test, upstream: "http://127.0.0.1:${app.port}" }
  - { id: desk, host: desk.gw.test, upstream: "http://127.0.0.1:${app.port}", policies: [{ type: group, any: [writers] }] }
`,
  });
  startProvider = () =>
    startOidcProvider({ port, redirectUris: [`${gateway.portal}/flow/login/back`] });
  if (!isWithoutBrowser) browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.remove();
  await provider?.stop();
  await app?.close();
});

/** Runs with a page of a new browser profile. */
async function withPage(use: (page: Page) => Promise<void>): Promise<void> {
  const context = await newContext(browser);
  try {
    await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** From an app to the provider. */
async function leave(page: Page, host = 'wiki'): Promise<void> {
  await page.goto(`${gateway.app(host)}/deep?x=1`);
  await page.getByRole('button', { name: /company/ }).click();
}

/** Signs in at the provider. */
async function signInThere(page: Page, login: string): Promise<void> {
  await seesHeading(page, 'Provider');
  await page.getByLabel('Name').fill(login);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const typePassword = (page: Page): Promise<void> =>
  page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);

const seesText = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByText(text).first().waitFor();

describe.skipIf(isWithoutBrowser)('a user of another provider', () => {
  it('reads that it cannot be reached, until it can', async () => {
    await withPage(async (page) => {
      await leave(page);
      await seesText(page, /company cannot be reached right now/);
      // Other ways to sign in go on.
      await page.getByLabel(/username/i).fill('alice');
      await page.getByRole('button', { name: 'Next' }).click();
      await typePassword(page);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect.poll(() => page.url()).toBe(`${gateway.app('wiki')}/deep?x=1`);
    });
    provider = await startProvider();
    await withPage(async (page) => {
      await expect
        .poll(async () => {
          await leave(page);
          return new URL(page.url()).origin;
        })
        .toBe(provider.issuer);
    });
  });

  it('becomes a user here, and arrives where it wanted to go', async () => {
    await withPage(async (page) => {
      await leave(page, 'desk');
      await signInThere(page, 'ann');
      await page.waitForURL(`${gateway.app('desk')}/deep?x=1`);
    });
    const { out } = await gateway.run(['user', 'list']);
    expect(out).toMatch(/ann\b.*ann@example\.com/);
  });

  it('can refuse there, and is back on the page', async () => {
    await withPage(async (page) => {
      await leave(page);
      await seesHeading(page, 'Provider');
      await page.getByRole('button', { name: 'Refuse' }).click();
      await seesText(page, 'The sign-in with company was canceled.');
      await leave(page);
      await signInThere(page, 'ann');
      await expect.poll(() => page.url()).toBe(`${gateway.app('wiki')}/deep?x=1`);
    });
  });

  it('is not let in against a policy', async () => {
    provider.people.set('mallory', { ...ANN, preferred_username: 'mallory', groups: ['banned'] });
    await withPage(async (page) => {
      await leave(page);
      await signInThere(page, 'mallory');
      await seesText(page, 'Your account at company is not allowed to sign in here.');
    });
    expect(gateway.output()).toContain('source/not-admitted');
  });

  it('with the address of a user here enters its password once', async () => {
    provider.people.set('al', { ...ANN, preferred_username: 'al', email: 'bob@example.test' });
    await withPage(async (page) => {
      await leave(page);
      await signInThere(page, 'al');
      await seesHeading(page, 'Connect your account');
      await typePassword(page);
      await page.getByRole('button', { name: 'Connect and sign in' }).click();
      await expect.poll(() => page.url()).toBe(`${gateway.app('wiki')}/deep?x=1`);
    });
    await withPage(async (page) => {
      await leave(page);
      await signInThere(page, 'al');
      await expect.poll(() => page.url()).toBe(`${gateway.app('wiki')}/deep?x=1`);
    });
  });

  it('leaves no secret in the log', () => {
    expect(gateway.output()).toContain('source/denied');
    expect(gateway.output()).not.toMatch(/a secret of the provider|[?&](?:code|state)=|eyJ/);
  });
});
