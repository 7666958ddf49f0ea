/**
 * A form that met an expired session, in a real Chromium: shown after the sign-in, then sent by the
 * browser as the app's own page would have sent it.
 */
import { once } from 'node:events';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { seesHeading, typeSignIn, watchComplaints } from '../support/visit.ts';

/** One form as the app received it. */
interface Received {
  readonly url: string;
  readonly origin: string;
  readonly type: string;
  readonly body: string;
}

const TEXT = 'First line\n"quoted" <b>&amp; \u{1F608}\n\nlast ';

describe.skipIf(isWithoutBrowser).each([
  ['domain', '{ cookie_domains: [one.localhost] }', 'app.one.localhost'],
  [
    'host',
    '{ cookies: host, cookie_domains: [one.localhost, two.localhost] }',
    'app.two.localhost',
  ],
] as const)('UNSENT with session.cookies: %s', (_, session, host) => {
  let browser: Browser;
  let app: HttpServer;
  let front: Server;
  let gateway: Gateway;
  let origin: string;
  let elsewhere: string;
  const received: Received[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    app = createHttp((request, response) => {
      const { method = '', url = '', headers } = request;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { pathname, searchParams } = new URL(url, 'http://x');
        if (method === 'POST') {
          const { origin: from = '', 'content-type': type = '' } = headers;
          received.push({ url, origin: from, type, body: Buffer.concat(chunks).toString() });
        }
        response.setHeader('content-type', 'text/html; charset=utf-8');
        if (pathname === '/away') response.writeHead(303, { location: elsewhere });
        response.end(
          method === 'POST' ? '<h1>Saved</h1><a href="next">Next</a>' : editor(searchParams),
        );
      });
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
    await Promise.all([once(app, 'listening'), once(front, 'listening')]);
    const { port } = front.address() as AddressInfo;
    const appPort = (app.address() as AddressInfo).port;
    origin = `http://${host}:${port}`;
    elsewhere = `http://other.localhost:${appPort}/`;
    gateway = await startGateway({
      env: { DOORWARD_PUBLIC_URL: `http://auth.one.localhost:${port}` },
      config: () =>
        `session: ${session}\nroutes: [{ id: app, host: ${host}, upstream: "http://127.0.0.1:${appPort}" }]\n`,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.remove();
    front?.close();
    app?.close();
    app?.closeAllConnections();
  });
  beforeEach(() => void (received.length = 0));

  /** Fills in the app's form, while the session ends. */
  const lose = async (query: string): Promise<{ context: BrowserContext; page: Page }> => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(`${origin}/edit?${query}`);
    await typeSignIn(page, 'alice', PASSWORD);
    await page.locator('textarea').fill(TEXT);
    await gateway.run(['session', 'revoke', '--user', 'alice']);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('It is kept').waitFor();
    return { context, page };
  };

  it.each([
    ['application/x-www-form-urlencoded', 'save'],
    ['multipart/form-data', 'save'],
  ])('%s: the app receives what its own page would have sent', async (enctype, action) => {
    const { context, page } = await lose(new URLSearchParams({ enctype, action }).toString());
    const done = watchComplaints(context);
    await typeSignIn(page, 'alice', PASSWORD);
    await seesHeading(page, 'Send your form?');
    expect(await page.locator('dl').first().innerText()).not.toContain('t0ken');
    expect(received).toEqual([]);
    await page.reload();
    await page.getByRole('button', { name: 'Send form' }).click();
    await seesHeading(page, 'Saved');
    expect(page.url()).toBe(`${origin}/save?id=1`);
    expect(await page.evaluate('document.links[0].href')).toBe(`${origin}/next`);
    // The same form, from the app's page, with a live session.
    await page.goto(`${origin}/edit?${new URLSearchParams({ enctype, action }).toString()}`);
    await page.locator('textarea').fill(TEXT);
    await page.getByRole('button', { name: 'Save' }).click();
    await seesHeading(page, 'Saved');
    const [again, own] = received.map(plain);
    expect(again).toEqual(own);
    expect(again?.origin).toBe(origin);
    done();
    await context.close();
  });

  it('an app may redirect it anywhere', async () => {
    const { context, page } = await lose('action=away');
    await typeSignIn(page, 'alice', PASSWORD);
    await page.getByRole('button', { name: 'Send form' }).click();
    await page.waitForURL(elsewhere);
    expect(received).toHaveLength(1);
    await context.close();
  });

  it('is kept again if the session ends once more', async () => {
    const { context, page } = await lose('action=save');
    await typeSignIn(page, 'alice', PASSWORD);
    await seesHeading(page, 'Send your form?');
    await gateway.run(['session', 'revoke', '--user', 'alice']);
    await page.getByRole('button', { name: 'Send form' }).click();
    await typeSignIn(page, 'alice', PASSWORD);
    await seesHeading(page, 'Send your form?');
    await page.getByRole('button', { name: 'Send form' }).click();
    await seesHeading(page, 'Saved');
    expect(received).toHaveLength(1);
    await context.close();
  });

  it('is not sent without a click, and not for another user', async () => {
    const { context, page } = await lose('action=save');
    await typeSignIn(page, 'bob', PASSWORD);
    await seesHeading(page, 'There is nothing to send here');
    expect(await page.content()).not.toContain('First line');
    expect(received).toEqual([]);
    await context.close();
  });

  it('leads back to its page if it is not to be sent', async () => {
    const { context, page } = await lose('action=save');
    await typeSignIn(page, 'alice', PASSWORD);
    await page.getByRole('button', { name: 'Do not send' }).click();
    await page.waitForURL(`${origin}/edit?action=save`);
    expect(received).toEqual([]);
    await context.close();
  });
});

/** Boundaries are random. */
function plain({ type, body, ...rest }: Received): Received {
  const boundary = type.split('boundary=')[1] ?? '\0';
  return { ...rest, type: type.replace(boundary, ''), body: body.replaceAll(boundary, '') };
}

/** The app's page with its form. */
function editor(query: URLSearchParams): string {
  const enctype = query.get('enctype') ?? 'application/x-www-form-urlencoded';
  return `<title>Edit</title><form method="post" enctype="${enctype}" action="${query.get('action') ?? ''}?id=1">
<input type="hidden" name="csrf" value="t0ken+/="><input name="a" value="1"><input name="a" value="">
<textarea name="text"></textarea>${enctype.startsWith('m') ? '<input type="file" name="file">' : ''}
<button name="do" value="save">Save</button></form>`;
}
