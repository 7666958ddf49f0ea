/** Users make and revoke tokens of their own, in a real browser, with script and without. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { Client, NAVIGATION, readForm } from '../support/client.ts';
import { answer, begin, fieldOf, type Talk } from '../support/flow-api.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { basic } from '../support/tokens.ts';
import { seesHeading, typeSignIn } from '../support/visit.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

let browser: Browser;
let gateway: Gateway;
let app: WebApp;

beforeAll(async () => {
  app = await startWebApp('app');
  gateway = await startGateway({
    config: () => `
session: { cookie_domains: [gw.test] }
routes:
  - id: files
    title: Files
    host: files.gw.test
    upstream: "http://127.0.0.1:${app.port}"
    accepts: [session, basic, bearer]
    policies: [{ type: group, any: [staff] }]
  - id: registry
    title: Registry
    host: registry.gw.test
    upstream: "http://127.0.0.1:${app.port}"
    accepts: [basic]
    policies: [{ type: group, any: [staff] }]
  - id: vault
    title: Vault
    host: vault.gw.test
    upstream: "http://127.0.0.1:${app.port}"
    accepts: [bearer]
    policies: [{ type: group, any: [admins] }]
  - id: wiki
    title: Wiki
    host: wiki.gw.test
    upstream: "http://127.0.0.1:${app.port}"
`,
  });
  if (!isWithoutBrowser) browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.remove();
  await app?.close();
});

/** The status of a request by a program. */
async function status(authorization: string, host = 'files', method = 'GET'): Promise<number> {
  const program = new Client();
  const { status: seen } = await program.send(`${gateway.app(host)}/x`, {
    method,
    headers: { authorization },
  });
  return seen;
}

async function open(page: Page, user: string): Promise<void> {
  await page.goto(`${gateway.portal}/`);
  await typeSignIn(page, user, PASSWORD);
  await page.getByRole('link', { name: 'Tokens for programs' }).click();
  await seesHeading(page, 'Tokens for programs');
}

describe.skipIf(isWithoutBrowser)('a user with a program', () => {
  it.each([true, false])(
    'makes a token, copies it, and revokes it (script: %s)',
    async (script) => {
      const context = await newContext(browser, { script });
      const page = await context.newPage();
      await open(page, 'carol');
      await page.getByRole('button', { name: 'Create a token' }).click();
      await seesHeading(page, 'Create a token');
      expect(await page.getByRole('checkbox').count()).toBe(2);
      await page.getByLabel(/^Name/).fill(`Backup ${script}`);
      await page.getByLabel(/^Files/).check();
      await page.getByRole('button', { name: 'Create the token' }).click();
      await seesHeading(page, 'Your new token');
      const shown = page.locator('.once code');
      const token = await shown.innerText();
      await shown.click();
      expect(await page.evaluate('String(getSelection())')).toBe(token);
      const copy = page.getByRole('button', { name: 'Copy' });
      expect(await copy.isVisible()).toBe(script);
      // Over plain http, browsers permit no more than selecting it.
      if (script) {
        await copy.click();
        await page.locator('.once .message', { hasText: /selected/ }).waitFor();
      }
      await page.reload();
      await seesHeading(page, 'The token was shown');
      await page.goBack();
      expect(await page.content()).not.toContain(token);

      expect(await status(`Bearer ${token}`)).toBe(200);
      expect(await status(basic('carol', token))).toBe(200);
      expect(await status(`Bearer ${token}`, 'files', 'POST')).toBe(403);
      expect(await status(basic('carol', token), 'registry')).toBe(403);
      expect(await status(`Bearer ${token}`, 'vault')).toBe(403);

      await page.goto(`${gateway.portal}/flow/tokens`);
      await page.getByRole('button', { name: 'Revoke' }).first().click();
      await seesHeading(page, `Revoke “Backup ${script}”?`);
      await page.getByRole('button', { name: 'Revoke the token' }).click();
      await page.getByText('is revoked.').waitFor();
      expect(await status(`Bearer ${token}`)).toBe(401);
      expect(kept()).not.toContain(token);
      await context.close();
    },
  );
});

/** Everything that the gateway has written. */
function kept(): string {
  const data = join(gateway.dir, 'data');
  const files = readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  return [gateway.output(), ...files].join('\n');
}

/** A signed-in script, and the form for a new token. */
async function formOf(user: string): Promise<{ client: Client; form: Talk }> {
  const client = new Client();
  const named = await answer(await begin(gateway.portal, client, 'login'), { login: user });
  await answer(named, { password: PASSWORD });
  return { client, form: await answer(await begin(gateway.portal, client, 'tokens'), {}) };
}

describe('tokens of users', () => {
  it('name no app that the user may not open', async () => {
    const { form } = await formOf('carol');
    const wanted = { name: 'x', may: 'all', days: '7' };
    const refused = await answer(form, { ...wanted, 'app:vault': true });
    expect(refused.reply.status).toBe(422);
    const session = await answer(refused, { ...wanted, 'app:wiki': true });
    expect(session.reply.status).toBe(422);
    const made = await answer(session, { ...wanted, 'app:registry': true });
    expect(made.reply.status).toBe(200);
  });

  it('are not for users without such an app, nor open any flow', async () => {
    const { client } = await formOf('alice');
    expect((await client.open(`${gateway.portal}/flow/tokens`)).body).toContain(
      'No app that you may open',
    );
    const { client: carol, form } = await formOf('carol');
    const { reply } = await answer(form, { name: 'all', 'app:files': true, may: 'all', days: '1' });
    const token = String(fieldOf(reply, 'secret').secret);
    expect(await status(`Bearer ${token}`)).toBe(200);
    for (const authorization of [`Bearer ${token}`, basic('carol', token)]) {
      const program = new Client();
      const page = await program.send(`${gateway.portal}/api/flow/tokens`, {
        headers: { authorization },
      });
      expect(page.status).toBe(401);
      expect(
        (await program.send(`${gateway.portal}/`, { headers: { authorization } })).status,
      ).toBe(401);
    }
    expect((await carol.open(`${gateway.portal}/flow/tokens`)).status).toBe(200);
  });

  it('cannot be made from another site', async () => {
    const { client } = await formOf('carol');
    const page = await client.open(`${gateway.portal}/flow/tokens`);
    const list = async () => (await gateway.run(['token', 'list', '--json'])).out;
    const before = await list();
    for (const origin of ['https://evil.test', gateway.app('files'), 'null']) {
      const headers = { ...NAVIGATION, origin, 'sec-fetch-site': 'same-site' };
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const { action, hidden } = readForm(page);
      const body = new URLSearchParams(hidden).toString();
      const forged = await client.send(action, {
        method: 'POST',
        headers: { ...headers, ...type },
        body,
      });
      expect(forged.status).toBe(403);
    }
    expect(await list()).toBe(before);
  });
});
