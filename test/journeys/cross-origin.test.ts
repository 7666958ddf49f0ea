/**
 * Pages of two origins in a real Chromium: a script that reads `login_url`, an app's own sign-out, and
 * where sign-outs lead.
 */
import { once } from 'node:events';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { seesHeading, typeSignIn } from '../support/visit.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

describe.skipIf(isWithoutBrowser)('pages of other origins', () => {
  let browser: Browser;
  let app: WebApp;
  let shop: HttpServer;
  let front: Server;
  let gateway: Gateway;
  let api: string;
  let shopAt: (name: string) => string;

  beforeAll(async () => {
    browser = await launchBrowser();
    app = await startWebApp('api');
    shop = createHttp((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<h1>Shop</h1>');
    }).listen(0, '127.0.0.1');
    front = createServer((socket) => {
      const inner = connect(gateway.port, '127.0.0.1');
      for (const side of [socket, inner]) {
        side.on('error', () => {
          socket.destroy();
          inner.destroy();
        });
      }
      socket.pipe(inner).pipe(socket);
    }).listen(0, '127.0.0.1');
    await Promise.all([once(shop, 'listening'), once(front, 'listening')]);
    const shopPort = (shop.address() as AddressInfo).port;
    const port = (front.address() as AddressInfo).port;
    shopAt = (name) => `http://${name}.one.localhost:${shopPort}`;
    api = `http://api.one.localhost:${port}`;
    gateway = await startGateway({
      env: { DOORWARD_PUBLIC_URL: `http://auth.one.localhost:${port}` },
      config: () => `session: { cookie_domains: [one.localhost] }
sign_out_to: ["${shopAt('shop')}/bye", "${shopAt('other')}/bye?x=1"]
routes:
  - id: api
    host: api.one.localhost
    upstream: "http://127.0.0.1:${app.port}"
    sign_out_paths: [/logout]
    cors: { origins: ["${shopAt('shop')}"], credentials: true }
  - id: bank
    host: bank.one.localhost
    upstream: "http://127.0.0.1:${app.port}"
    sign_out_to: ["${shopAt('bank')}/thanks"]
  - id: home
    host: home.one.localhost
    upstream: "http://127.0.0.1:${app.port}"
    sign_out_to: []
`,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.remove();
    await app?.close();
    front?.close();
    shop?.close();
  });

  /** What a script of this page gets for a request with a preflight. */
  const called = async (name: string): Promise<unknown> => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(shopAt(name));
    const options = `{ method: 'PUT', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{}' }`;
    const result: unknown = await page.evaluate(
      `fetch('${api}/data', ${options}).then(async (r) => [r.status, (await r.json()).login_url], (e) => e.name)`,
    );
    await context.close();
    return result;
  };

  it('CORS: a listed page reads where to sign in, and another one reads nothing', async () => {
    expect(await called('shop')).toEqual([401, expect.stringContaining('/flow/login?')]);
    expect(await called('other')).toBe('TypeError');
  });

  it('an image of another page signs no user out, and the app’s own link does', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(`${api}/`);
    await typeSignIn(page, 'alice', PASSWORD);
    await page.waitForURL(`${api}/`);
    await page.goto(shopAt('shop'));
    await page.evaluate(
      `new Promise((done) => { const i = new Image(); i.onload = i.onerror = done; i.src = '${api}/logout'; })`,
    );
    expect((await page.goto(`${api}/x`))?.url()).toBe(`${api}/x`);
    await Promise.all([
      page.waitForURL(`${api}/logout`),
      page.evaluate(`location.href = '/logout'`),
    ]);
    expect((await page.goto(`${api}/x`))?.url()).toContain('/flow/login?');
    await context.close();
  });

  it.each([
    ['api', '?rd={other}/bye?x=1', 'other', '/bye?x=1'],
    ['api', '?rd={evil}/bye', 'shop', '/bye'],
    ['bank', '?rd={shop}/bye', 'bank', '/thanks'],
  ])('signing out of %s with "%s" leads to %s%s', async (from, query, host, path) => {
    const context = await newContext(browser);
    const page = await context.newPage();
    const origin = api.replace('//api.', `//${from}.`);
    await page.goto(`${origin}/`);
    await typeSignIn(page, 'alice', PASSWORD);
    await page.waitForURL(`${origin}/`);
    const named = query.replace(/\{(\w+)\}(.*)/, (_, name: string, rest: string) =>
      encodeURIComponent(shopAt(name) + rest),
    );
    await page.goto(`${origin}/.doorward/sign-out${named}`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(shopAt(host) + path);
    // Already signed out, so there is nothing to confirm.
    await page.goto(`${origin}/.doorward/sign-out${named}`);
    expect(page.url()).toBe(shopAt(host) + path);
    expect((await page.goto(`${origin}/x`))?.url()).toContain('/flow/login?');
    await context.close();
  });

  it('an app with an empty list keeps the page that says so, and its own front page', async () => {
    const context = await newContext(browser);
    const page = await context.newPage();
    const origin = api.replace('//api.', '//home.');
    await page.goto(`${origin}/`);
    await typeSignIn(page, 'alice', PASSWORD);
    await page.waitForURL(`${origin}/`);
    await page.goto(`${origin}/.doorward/sign-out`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await seesHeading(page, 'You are signed out');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(/\/flow\/login\?/);
    expect(new URL(page.url()).searchParams.get('rd')).toBe(`${origin}/`);
    await context.close();
  });
});
