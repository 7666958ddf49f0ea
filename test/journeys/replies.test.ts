/**
 * Every reply of ours, endpoint by endpoint: its status, its type, and the headers that all of them
 * have.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, FETCH, NAVIGATION } from '../support/client.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { freePort } from '../support/ports.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

let app: WebApp;
let gateway: Gateway;
/** alice, in no group. */
let alice: Client;

beforeAll(async () => {
  app = await startWebApp('app');
  const closed = await freePort();
  gateway = await startGateway({
    config: () => `session: { cookie_domains: [gw.test] }
trusted_proxies: [127.0.0.1]
routes:
  - { id: wiki, host: wiki.gw.test, upstream: "http://127.0.0.1:${app.port}" }
  - { id: board, host: board.gw.test, upstream: "http://127.0.0.1:${app.port}", policies: [{ type: group, any: [admins] }] }
  - { id: down, host: down.gw.test, upstream: "http://127.0.0.1:${closed}" }
`,
  });
  alice = new Client();
  await alice.signIn(`${gateway.app('wiki')}/`, 'alice', PASSWORD);
});
afterAll(async () => {
  await gateway?.remove();
  await app?.close();
});

type Kind = 'page' | 'json' | 'nothing';

/** What, on whose host, path, headers, user, status, type. */
const QUESTIONS: readonly [string, string, string, object, 'alice' | 'anonymous', number, Kind][] =
  [
    ['a page that needs a session', 'wiki', '/a', NAVIGATION, 'anonymous', 302, 'nothing'],
    ['a fetch that needs a session', 'wiki', '/a', FETCH, 'anonymous', 401, 'json'],
    ['an XHR that takes HTML', 'wiki', '/a', XHR(), 'anonymous', 401, 'json'],
    ['a page that is denied', 'board', '/', NAVIGATION, 'alice', 403, 'page'],
    ['a fetch that is denied', 'board', '/', FETCH, 'alice', 403, 'json'],
    ['a host without a route', 'other', '/', NAVIGATION, 'anonymous', 421, 'page'],
    ['a malformed path', 'wiki', '/a%c0%af', FETCH, 'alice', 400, 'json'],
    ['an app that is down', 'down', '/', NAVIGATION, 'alice', 502, 'page'],
    ['a fetch from an app that is down', 'down', '/', FETCH, 'alice', 502, 'json'],
    ['signing out at an app', 'wiki', '/.doorward/sign-out', NAVIGATION, 'alice', 302, 'nothing'],
    ['an empty check', 'wiki', '/.doorward/check/nginx', {}, 'alice', 400, 'json'],
    ['an unknown check', 'wiki', '/.doorward/check/other', {}, 'alice', 404, 'json'],
    ['the front page, to a user', 'auth', '/', NAVIGATION, 'alice', 200, 'page'],
    [
      'the front page, to an anonymous visitor',
      'auth',
      '/',
      NAVIGATION,
      'anonymous',
      302,
      'nothing',
    ],
    ['the front page, to a script', 'auth', '/', FETCH, 'anonymous', 401, 'json'],
    ['a flow', 'auth', '/flow/login', NAVIGATION, 'anonymous', 200, 'page'],
    ['a flow as JSON', 'auth', '/api/flow/login', FETCH, 'anonymous', 200, 'json'],
    ['an unknown flow', 'auth', '/flow/other', NAVIGATION, 'anonymous', 404, 'page'],
    ['an unknown API', 'auth', '/api/other', FETCH, 'anonymous', 404, 'json'],
    ['an unknown page', 'auth', '/other', NAVIGATION, 'anonymous', 404, 'page'],
  ];

function XHR(): object {
  return { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' };
}

const kindOf = ({ headers, body }: Answer): Kind => {
  if (headers['content-type']?.startsWith('text/html') === true) return 'page';
  return headers['content-type']?.startsWith('application/json') === true && body !== ''
    ? 'json'
    : 'nothing';
};

describe.each(QUESTIONS)('%s', (_, host, path, headers, who, status, kind) => {
  const ask = (method: string): Promise<Answer> => {
    const url = `${gateway.app(host)}${path}`;
    const sending = { method, headers: headers as Record<string, string> };
    // Other tests cover signing out and in again: no cookie is stored here.
    const cookie = who === 'alice' ? alice.cookieHeader(`${host}.gw.test`) : '';
    return new Client().send(url, {
      ...sending,
      bare: true,
      headers: { ...sending.headers, ...(cookie === '' ? {} : { cookie }) },
    });
  };

  it(`replies with ${status} and ${kind}, a request id, and no caching`, async () => {
    const answer = await ask('GET');
    expect([answer.status, kindOf(answer)]).toEqual([status, kind]);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[\w-]{8,}$/),
      'referrer-policy': expect.stringMatching(/^(?:no-referrer|same-origin)$/),
    });
    expect(Object.keys(answer.headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:server|x-powered-by)$/)]),
    );
    const policy = answer.headers['content-security-policy'] ?? '';
    expect(policy.includes("frame-ancestors 'none'")).toBe(kind === 'page');
    expect(policy).not.toContain('unsafe');
  });

  it('sends the same head for HEAD, and no body', async () => {
    const [get, head] = [await ask('GET'), await ask('HEAD')];
    expect([head.status, head.body]).toEqual([get.status, '']);
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
    expect(head.headers['content-length']).toBeDefined();
  });
});

describe('an app that is down', () => {
  it('is named on the page, with the request id from the log', async () => {
    const answer = await alice.open(`${gateway.app('down')}/`);
    const id = answer.headers['x-request-id'] ?? '';
    expect(answer.body).toContain('down.gw.test is not running or cannot be reached');
    expect(answer.body).toContain(id);
  });
});

describe('a trace', () => {
  it('is logged and forwarded to the app', async () => {
    const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
    const answer = await alice.open(`${gateway.app('wiki')}/traced`, { traceparent });
    expect(answer.status).toBe(200);
    await expect.poll(() => gateway.output()).toContain(`"trace_id":"${TRACE}"`);
    expect(app.seen.at(-1)?.values('traceparent')).toEqual([traceparent]);
  });
});

describe('the published keys', () => {
  it('may be cached for a while, and have a fixed content type', async () => {
    const { status, headers } = await new Client().send(`${gateway.portal}/.well-known/jwks.json`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
      'content-type': 'application/json',
    });
  });
});
