/**
 * The address at which providers end sessions, as raw bytes: everybody can reach it, and nothing but a token
 * of the provider counts.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { answersOf, sendRaw } from '../support/raw.ts';
import {
  ACCESS_TOKEN,
  CLIENT_ID,
  type ScriptedProvider,
  scriptedKey,
  scriptedProvider,
  seconds,
  tokenOf,
} from '../support/scripted-provider.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const PATH = '/source/company/logout';
let server: Server;
let provider: ScriptedProvider;
let gateway: Gateway;
let app: WebApp;
let ann: Client;

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  [provider, app] = await Promise.all([scriptedProvider(issuer), startWebApp('wiki')]);
  const door = await provider.openDoor({ ca: null, isInsecure: false });
  server.on('request', (req, res) => {
    const answer = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(Buffer.from(chunk));
      const response = await door.fetch(`${issuer}${req.url ?? ''}`, {
        method: req.method === 'POST' ? 'POST' : 'GET',
        headers: new Headers(),
        form: new URLSearchParams(Buffer.concat(chunks).toString()),
        signal: null,
      });
      res.writeHead(response.status, { 'content-type': 'application/json' });
      res.end(await response.text());
    };
    void answer();
  });
  gateway = await startGateway({
    directories: '[{ type: file, path: users.yaml }, { type: embedded }]',
    config: () => `session: { cookie_domains: [gw.test] }
sources:
  company: { type: oidc, issuer: "${issuer}", client_id: "${CLIENT_ID}", client_secret: x, unknown: create }
routes:
  - { id: wiki, host: wiki.gw.test, upstream: "http://127.0.0.1:${app.port}" }
`,
  });
}, 60_000);
afterAll(async () => {
  await gateway?.remove();
  server?.closeAllConnections();
  server?.close();
  await app?.close();
});
beforeEach(async () => {
  ann = await signIn('visit-1');
});

/** A browser that signed in, in this session of the provider. */
async function signIn(sid: string | undefined): Promise<Client> {
  const client = new Client();
  const page = await client.follow(`${gateway.app('wiki')}/page`);
  const { location } = await client.submit(page, { login: '', source: 'company' });
  const asked = new URL(location).searchParams;
  const claims = { nonce: asked.get('nonce'), sid, preferred_username: 'ann' };
  provider.script.claims = claims;
  const answer = new URLSearchParams({ code: 'x', state: asked.get('state') ?? '' });
  const end = await client.follow(`${gateway.portal}/flow/login/back?${answer.toString()}`);
  expect(end.status).toBe(200);
  return client;
}

const isSignedIn = async (client: Client): Promise<boolean> =>
  (await client.open(`${gateway.app('wiki')}/`)).status === 200;

let count = 0;
const claims = (changes: object = {}): Record<string, unknown> => ({
  iss: provider.pages
    .keys()
    .next()
    .value?.replace(/\/\.well-known.*/, ''),
  aud: CLIENT_ID,
  iat: seconds(),
  exp: seconds(120),
  jti: `token-${(count += 1)}`,
  sub: 'user-1',
  sid: 'visit-1',
  events: { [EVENT]: {} },
  ...changes,
});
const form = (token: string): string => `logout_token=${token}`;

/** The first answer to a request as bytes. */
async function send(
  body: string,
  {
    method = 'POST',
    path = PATH,
    host = new URL(gateway.portal).host,
    type = 'application/x-www-form-urlencoded',
  } = {},
) {
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${type}\r\n`;
  const all = `${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
  const [answer] = answersOf(await sendRaw(gateway.port, all));
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

describe('a logout', () => {
  it.each<[string, object]>([
    ['of the session at the provider', { sub: undefined }],
    ['of the account', { sid: undefined }],
    ['of both', {}],
    ['with a type of its own, for several audiences', { aud: [CLIENT_ID, 'x'], azp: CLIENT_ID }],
  ])('%s ends ours', async (_, changes) => {
    const answer = await send(form(await provider.sign(claims(changes), { typ: 'logout+jwt' })));
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(answer.head.toLowerCase()).toContain('cache-control: no-store');
    expect(answer.head.toLowerCase()).not.toContain('set-cookie');
    expect(await isSignedIn(ann)).toBe(false);
  });

  it('of another session ends none', async () => {
    expect((await send(form(await provider.sign(claims({ sid: 'visit-2' }))))).status).toBe(200);
    expect(await isSignedIn(ann)).toBe(true);
  });

  it('also ends ours whose sign-in named no session of the provider', async () => {
    const bare = await signIn(undefined);
    expect((await send(form(await provider.sign(claims())))).status).toBe(200);
    expect(await isSignedIn(bare)).toBe(false);
  });

  it('counts once', async () => {
    const token = await provider.sign(claims());
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(form(token))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    ann = await signIn('visit-1');
    const again = await send(form(token));
    expect([again.status, JSON.parse(again.body)]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_request', code: 'source/used' }),
    ]);
    expect(await isSignedIn(ann)).toBe(true);
  });
});

describe('a logout token', () => {
  it.each<[string, (all: Record<string, unknown>) => string | Promise<string>]>([
    ['without a signature', (all) => tokenOf({ alg: 'none' }, all)],
    ['of another issuer', (all) => provider.sign({ ...all, iss: 'https://evil.test' })],
    ['for another client', (all) => provider.sign({ ...all, aud: 'another' })],
    ['without its event', (all) => provider.sign({ ...all, events: {} })],
    ['with an event that is no object', (all) => provider.sign({ ...all, events: { [EVENT]: 1 } })],
    ['with a nonce', (all) => provider.sign({ ...all, nonce: 'x' })],
    ['without an id', (all) => provider.sign({ ...all, jti: undefined })],
    ['of an hour ago', (all) => provider.sign({ ...all, iat: seconds(-3600) })],
    ['of the future', (all) => provider.sign({ ...all, iat: seconds(3600) })],
    ['that has expired', (all) => provider.sign({ ...all, exp: seconds(-120) })],
    [
      'about no account and no session',
      (all) => provider.sign({ ...all, sub: undefined, sid: undefined }),
    ],
    ['with a list for a session', (all) => provider.sign({ ...all, sid: ['visit-1'] })],
    ['of another type', (all) => provider.sign(all, { typ: 'at+jwt' })],
    ['that is too long', (all) => provider.sign({ ...all, more: 'x'.repeat(20_000) })],
    ['that is an access token', () => ACCESS_TOKEN],
    ['that is nothing', () => ''],
    ['that is binary', () => '%00%ff%0d%0a'],
  ])('%s ends nothing', async (_, token) => {
    const answer = await send(form(encodeURIComponent(await token(claims()))));
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      { error: 'invalid_request', error_description: expect.any(String), code: 'source/refused' },
    ]);
    expect(answer.head.toLowerCase()).toContain('cache-control: no-store');
    expect(await isSignedIn(ann)).toBe(true);
  });

  it('signed with a key that the provider does not publish ends nothing', async () => {
    const [own] = provider.keys;
    provider.keys = [{ ...(await scriptedKey()), kid: own?.kid ?? '' }];
    const token = await provider.sign(claims());
    provider.keys = own === undefined ? [] : [own];
    expect((await send(form(token))).status).toBe(400);
    expect(await isSignedIn(ann)).toBe(true);
  });
});

describe('a request to the address', () => {
  const valid = async (): Promise<string> => form(await provider.sign(claims()));

  it.each<[string, (body: string) => string, object, number]>([
    ['with two tokens', (body) => `${body}&${body}`, {}, 400],
    ['with many fields', (body) => `${'a=1&'.repeat(16)}${body}`, {}, 400],
    ['as JSON', (body) => JSON.stringify({ body }), { type: 'application/json' }, 400],
    ['as text', (body) => body, { type: 'text/plain' }, 400],
    ['without a body', () => '', {}, 400],
    ['of 70 KB', (body) => `${body}&a=${'x'.repeat(70_000)}`, {}, 413],
    ['of an unknown source', (body) => body, { path: '/source/other/logout' }, 404],
    ['of a magic name', (body) => body, { path: '/source/__proto__/logout' }, 404],
    ['below it', (body) => body, { path: `${PATH}/x` }, 404],
    ['in capitals', (body) => body, { path: '/source/company/LOGOUT' }, 404],
    ['by PUT', (body) => body, { method: 'PUT' }, 405],
    ['by GET', () => '', { method: 'GET', path: `${PATH}?logout_token=x` }, 405],
    ['of another host', (body) => body, { host: 'evil.test' }, 421],
  ])('%s ends nothing', async (_, bodyOf, how, status) => {
    expect((await send(bodyOf(await valid()), how)).status).toBe(status);
    expect(await isSignedIn(ann)).toBe(true);
  });

  it('on the host of an app belongs to the app', async () => {
    const { host } = new URL(gateway.app('wiki'));
    const answer = await send(await valid(), { host });
    expect([302, 303, 401]).toContain(answer.status);
    expect(await isSignedIn(ann)).toBe(true);
  });

  it('is refused from an address that sends no valid token, and from no other', async () => {
    const stranger = new Client('127.0.0.9');
    const post = async (client: Client, body: string): Promise<number> => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const url = `${gateway.portal}${PATH}`;
      return (await client.send(url, { method: 'POST', headers, body })).status;
    };
    const answers = new Set<number>();
    for (let n = 0; n < 60; n += 1) {
      const batch = Array.from({ length: 10 }, () => post(stranger, 'logout_token=x'));
      for (const status of await Promise.all(batch)) answers.add(status);
    }
    expect(answers).toEqual(new Set([400, 429]));
    expect(await post(new Client(), await valid())).toBe(200);
  });
});
