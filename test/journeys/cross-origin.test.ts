/** Pages of two origins in a real Chromium: a script that reads `login_url`, and an app's own sign-out. */
import { once } from 'node:events';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { typeSignIn } from '../support/visit.ts';
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
routes:
  - id: api
    host: api.one.localhost
    upstream: "http://127.0.0.1:${app.port}"
    sign_out_paths: [/logout]
    cors: { origins: ["${shopAt('shop')}"], credentials: true }
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
});
