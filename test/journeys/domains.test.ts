/**
 * Two root domains and three hosts in a real Chromium, over https so that the prefixes of cookies count:
 * one sign-in, and what a host without a route, below the portal's own domain, can steal or plant. In
 * both modes of `session.cookies`; the table in docs/security.md reports these outcomes.
 */
import { once } from 'node:events';
import { createServer as createHttps, request as httpsRequest } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { createServer as createTls, type Server } from 'node:tls';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { certificate, keyPem, SERVER_AUTH } from '../support/certificate.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { seesHeading, typeSignIn } from '../support/visit.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const issued = certificate({ names: ['one.localhost'], usages: [SERVER_AUTH] });
const TLS = { cert: issued.pem, key: keyPem(issued) };

let browser: Browser;
beforeAll(async () => {
  if (!isWithoutBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Terminates TLS for a gateway. */
function terminator(port: () => number): Server {
  return createTls(TLS, (socket) => {
    const inner = connect(port(), '127.0.0.1');
    const end = () => {
      socket.destroy();
      inner.destroy();
    };
    for (const side of [socket, inner]) side.on('error', end);
    socket.pipe(inner).pipe(socket);
  });
}

describe.skipIf(isWithoutBrowser).each([
  ['domain', '{ cookie_domains: [one.localhost, two.localhost] }', '__Secure-doorward'],
  ['host', '{ cookies: host }', '__Host-doorward'],
] as const)('with session.cookies: %s', (mode, session, cookieName) => {
  let gateway: Gateway;
  let app: WebApp;
  let front: Server;
  let evil: Server;
  /** What the host without a route received and plants. */
  const stolen: string[] = [];
  let planted: string[] = [];
  let at: (name: string) => string;
  let evilUrl: string;

  beforeAll(async () => {
    front = terminator(() => gateway.port);
    const port = await listening(front);
    at = (name) => `https://${name}.localhost:${port}`;
    evil = createHttps(TLS, (request, response) => {
      stolen.push(request.headers.cookie ?? '');
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': planted });
      response.end('<h1>evil</h1>');
    });
    evilUrl = `https://evil.one.localhost:${await listening(evil)}/`;
    app = await startWebApp('app');
    const route = (name: string, host: string) =>
      `  - { id: ${name}, host: ${host}.localhost, upstream: "http://127.0.0.1:${app.port}" }\n`;
    gateway = await startGateway({
      env: { DOORWARD_PUBLIC_URL: at('auth.one') },
      config: () =>
        `session: ${session}\nroutes:\n${route('a', 'app.one')}${route('b', 'wiki.one')}${route('c', 'app.two')}`,
    });
  });
  afterAll(async () => {
    await gateway?.remove();
    await app?.close();
    for (const server of [front, evil]) server?.close();
  });
  beforeEach(() => {
    app.seen.length = 0;
    stolen.length = 0;
    planted = [];
  });

  const open = async (): Promise<{ context: BrowserContext; page: Page }> => {
    const context = await newContext(browser, { ignoreCertificates: true });
    return { context, page: await context.newPage() };
  };
  const signedIn = async (name: string, url: string) => {
    const opened = await open();
    await opened.page.goto(url);
    await typeSignIn(opened.page, name, PASSWORD);
    await opened.page.waitForURL(url);
    return opened;
  };
  const users = () => app.seen.flatMap(({ values }) => values('Remote-User'));
  const valueOf = async (context: BrowserContext, name: string, url: string): Promise<string> =>
    (await context.cookies(url)).find((cookie) => cookie.name === name)?.value ?? '';
  /** The status and body of a script's request with these cookies. */
  const ask = (url: string, cookie: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port, host, pathname } = new URL(url);
      const headers = { host, cookie, accept: 'application/json', 'sec-fetch-mode': 'cors' };
      const options = { port, path: pathname, headers, rejectUnauthorized: false, agent: false };
      const request = httpsRequest(
        { ...options, host: '127.0.0.1', servername: hostname },
        (answer) => {
          let body = '';
          answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
          answer.on('end', () => resolve(`${answer.statusCode} ${body}`));
        },
      );
      request.on('error', reject);
      request.end();
    });

  it('one sign-in opens all hosts, each at its exact URL', async () => {
    const exact = `${at('app.two')}/deep/er?x=1&y=%20z`;
    const { context, page } = await signedIn('alice', exact);
    for (const url of [`${at('app.one')}/a?b`, `${at('wiki.one')}/`, `${at('app.two')}/again`]) {
      await page.goto(url);
      expect(page.url()).toBe(url);
    }
    expect(users()).toEqual(['alice', 'alice', 'alice', 'alice']);
    await context.close();
  });

  it('two tabs that open another domain at the same moment arrive both, one perhaps by a link', async () => {
    const { context, page } = await signedIn('alice', `${at('app.one')}/`);
    const other = await context.newPage();
    const urls = [`${at('app.two')}/1`, `${at('app.two')}/2`] as const;
    await Promise.all([page.goto(urls[0]), other.goto(urls[1])]);
    for (const tab of [page, other]) {
      // The later nonce replaced the earlier one, if neither tab found one.
      const again = tab.getByRole('link', { name: 'Start again' });
      if ((await again.count()) > 0) await again.click();
    }
    await Promise.all([page.waitForURL(urls[0]), other.waitForURL(urls[1])]);
    expect(users().every((user) => user === 'alice')).toBe(true);
    await context.close();
  });

  it('a sign-out from one host ends all, and so does a revocation', async () => {
    for (const end of ['sign-out', 'revocation']) {
      const { context, page } = await signedIn('alice', `${at('app.two')}/`);
      await page.goto(`${at('app.one')}/`);
      if (end === 'sign-out') {
        await page.goto(`${at('app.two')}/.doorward/sign-out`);
        await page.locator('form button').first().click();
        await seesHeading(page, 'You are signed out');
      } else {
        await gateway.run(['session', 'revoke', '--user', 'alice']);
      }
      for (const host of ['app.one', 'wiki.one', 'app.two']) {
        await page.goto(`${at(host)}/`);
        await page.locator('input[name=login]').waitFor();
        expect(new URL(page.url()).origin).toBe(at('auth.one'));
      }
      await context.close();
    }
  });

  it('a code is worthless a second time, and in another browser', async () => {
    const { context, page } = await signedIn('alice', `${at('app.one')}/`);
    const codes: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/.doorward/arrive?')) codes.push(request.url());
    });
    await page.goto(`${at('app.two')}/x`);
    expect(codes).toHaveLength(1);
    await page.goto(codes[0] ?? '');
    await seesHeading(page, 'Please start again');
    await page.getByRole('link', { name: 'Start again' }).click();
    await page.waitForURL(`${at('app.two')}/`);

    // The next code is stopped on its way.
    await context.clearCookies({ name: cookieName });
    await context.route('**/.doorward/arrive?*', (route) => route.abort());
    await page.goto(`${at('app.two')}/y`).catch(() => null);
    expect(codes).toHaveLength(3);
    const thief = await open();
    await thief.page.goto(codes[2] ?? '');
    await seesHeading(thief.page, 'Please start again');
    expect(await valueOf(thief.context, cookieName, at('app.two'))).toBe('');
    await thief.context.close();
    await context.close();
  });

  it('a host without a route steals what opens no more than its mode allows', async () => {
    const { context, page } = await signedIn('alice', `${at('app.one')}/`);
    await page.goto(evilUrl);
    const [cookies = ''] = stolen;
    expect(cookies).not.toContain('doorward-portal');
    const [, ticket = null] = new RegExp(`${cookieName}=([^;]+)`).exec(cookies) ?? [];
    if (mode === 'host') {
      expect(cookies).not.toContain('doorward');
      await context.close();
      return;
    }
    expect(await ask(`${at('wiki.one')}/`, `__Secure-doorward=${ticket}`)).toMatch(/^200 /);
    const elsewhere = await ask(`${at('app.two')}/`, `__Secure-doorward=${ticket}`);
    expect(elsewhere).toMatch(/^401 .*session\/other-host/);
    for (const name of ['__Secure-doorward', '__Host-doorward-portal', '__Host-doorward']) {
      expect(await ask(`${at('auth.one')}/`, `${name}=${ticket}`)).toMatch(/^401 /);
    }
    await context.close();
  });

  it('the ticket of one host opens no more than its mode allows', async () => {
    const { context } = await signedIn('alice', `${at('app.one')}/`);
    const ticket = await valueOf(context, cookieName, at('app.one'));
    expect(await ask(`${at('app.one')}/`, `${cookieName}=${ticket}`)).toMatch(/^200 /);
    const sibling = await ask(`${at('wiki.one')}/`, `${cookieName}=${ticket}`);
    expect(sibling).toMatch(mode === 'domain' ? /^200 / : /^401 .*session\/other-host/);
    expect(await ask(`${at('app.two')}/`, `${cookieName}=${ticket}`)).toMatch(/^401 .*other-host/);
    expect(await ask(`${at('auth.one')}/`, `__Host-doorward-portal=${ticket}`)).toMatch(/^401 /);
    await context.close();
  });

  it('a host without a route plants the attacker’s session at apps at most, never at the portal', async () => {
    const attacker = await signedIn('bob', `${at('app.one')}/`);
    const names = [
      [cookieName, at('app.one')],
      ['__Host-doorward-portal', at('auth.one')],
    ] as const;
    for (const [name, url] of names) {
      const value = await valueOf(attacker.context, name, url);
      expect(value).not.toBe('');
      planted.push(`${name}=${value}; Path=/; Secure; Domain=one.localhost`);
      planted.push(`${name}=${value}; Path=/; Secure`);
      planted.push(
        `${name.replace('Host', 'Secure')}=${value}; Path=/; Secure; Domain=one.localhost`,
      );
    }
    await attacker.context.close();
    const { context, page } = await open();
    await page.goto(evilUrl);
    app.seen.length = 0;
    await page.goto(`${at('app.one')}/`);
    if (mode === 'host') await page.locator('input[name=login]').waitFor();
    expect(users()).toEqual(mode === 'host' ? [] : ['bob']);
    await page.goto(`${at('auth.one')}/`);
    await typeSignIn(page, 'alice', PASSWORD);
    await page.waitForURL(`${at('auth.one')}/`);
    app.seen.length = 0;
    await page.goto(`${at('app.one')}/`);
    expect(users()).toEqual(['alice']);
    await context.close();
  });
});
