/**
 * Logout tokens with odd claims, sources that share a provider, and stores that fail; source-logout.test.ts has the
 * endpoint over sockets. Each test begins with a session of the account, and one of another.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ticket } from '../../src/core/people/session.ts';
import { hostCookieName } from '../../src/core/setup/ticket-cookie.ts';
import type { RequestFacts } from '../../src/core/request/facts.ts';
import type { Stores } from '../../src/core/setup/stores.ts';
import type { Source } from '../../src/core/sources/source.ts';
import { keptOf } from '../../src/core/sources/source-session.ts';
import { storeFull } from '../../src/core/values/problem.ts';
import { createSourceApp } from '../../src/flow/standing/handler.ts';
import { openEmbedded } from '../../src/stores/embedded/store.ts';
import { fakeSources, testProfile, testRule } from '../support/fake-source.ts';
import {
  CLIENT_ID,
  type ScriptedProvider,
  scriptedProvider,
  seconds,
} from '../support/scripted-provider.ts';
import { testLive, testSnapshot } from '../support/snapshot.ts';
import { eventLog, newTicket, planOf, sessionOf, testClock, testVault } from '../support/state.ts';
import { ISSUER, openAt } from './oidc-world.ts';

const FORM = 'application/x-www-form-urlencoded';
const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const vault = testVault();
let dir: string;
let clock: ReturnType<typeof testClock>;
let stores: Stores;
let provider: ScriptedProvider;
let source: Source;
let events: ReturnType<typeof eventLog>;
let app: ReturnType<typeof createSourceApp>;
let zoe: Ticket;
let ben: Ticket;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorward-logout-'));
  [clock, events] = [testClock(), eventLog()];
  stores = openEmbedded({ clock, vault, dataDir: dir });
  provider = await scriptedProvider(ISSUER);
  source = await openAt(provider);
  open();
  zoe = await signIn('zoe-1', 'visit-1');
  ben = await signIn('ben-1', 'visit-2');
});
afterEach(async () => {
  await stores.close();
  rmSync(dir, { recursive: true });
});

/** Two sources at one provider, with these stores. */
function open(changed: Partial<Stores> = {}): void {
  const rules = ['work', 'partner'].map((name) => ({ source, rule: testRule({ name }) }));
  app = createSourceApp({
    live: testLive(testSnapshot()),
    sources: fakeSources(...rules),
    stores: { ...stores, ...changed },
    vault,
    clock,
    events,
  });
}

async function signIn(subject: string, sid: string | null): Promise<Ticket> {
  const ticket = newTicket();
  const session = sessionOf(vault, clock, ticket, { source: 'work' });
  const profile = testProfile({ issuer: ISSUER, subject, sid });
  const kept = keptOf(testRule({ name: 'work' }), profile, clock.now());
  await stores.sourceSessions.keep(ticket, kept, session.expiresAt);
  await stores.sessions.start(ticket, session);
  clock.advance(1);
  return ticket;
}

/** Who is still signed in. */
async function present(): Promise<string> {
  const found = await Promise.all([zoe, ben].map((one) => stores.sessions.read(one)));
  return ['zoe', 'ben'].filter((_, i) => found[i] !== null).join(' ');
}

const tokenFor = (claims: object = {}, header: object = {}): Promise<string> =>
  provider.sign(
    {
      iss: ISSUER,
      aud: CLIENT_ID,
      iat: seconds(),
      exp: seconds(120),
      jti: 'one',
      events: EVENTS,
      sub: 'zoe-1',
      ...claims,
    },
    header,
  );

interface Sent {
  readonly body?: string;
  readonly type?: string;
  readonly method?: string;
  readonly target?: string;
}

async function send(
  { body = '', type = FORM, method = 'POST', target = '/source/work/logout' }: Sent,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const url = new URL(target, 'https://auth.example.com');
  const all: Record<string, string> = { 'content-type': type, ...headers };
  const facts = {
    kind: 'fetch',
    method,
    path: url.pathname,
    query: url.search,
    clientIp: '192.0.2.9',
    host: 'auth.example.com',
    header: (name: string) => all[name] ?? null,
  } as RequestFacts;
  const init = { method, ...(method === 'POST' ? { body } : {}) };
  return app.fetch(new Request(url, init), { facts, requestId: 'r' });
}
const sendToken = async (token: string, target?: string): Promise<number> => {
  const body = `logout_token=${encodeURIComponent(token)}`;
  return (await send({ body, ...(target === undefined ? {} : { target }) })).status;
};

describe('a logout of a provider', () => {
  it.each<[string, object]>([
    ['an account', {}],
    ['a session of its own', { sub: undefined, sid: 'visit-1' }],
    ['an account and its session', { sid: 'visit-1' }],
  ])('ends the sessions of %s, and no others', async (_what, claims) => {
    expect(await sendToken(await tokenFor(claims))).toBe(200);
    expect(await present()).toBe('ben');
  });

  it('ends sessions although the store has no room to count it', async () => {
    const full = (): Promise<never> => Promise.reject(storeFull(null));
    open({ throttle: { take: full, release: full }, marks: { take: full } });
    expect(await sendToken(await tokenFor())).toBe(200);
    expect(await present()).toBe('ben');
  });

  it('is refused with 503 while the store is away, and ends sessions when it is sent again', async () => {
    const away = (): Promise<never> => Promise.reject(new Error('away'));
    open({ throttle: { take: away, release: away } });
    const token = await tokenFor();
    expect(await sendToken(token)).toBe(500);
    open();
    expect(await sendToken(token)).toBe(200);
    expect(await present()).toBe('ben');
  });

  it.each<[string, object, object?]>([
    ['of another issuer', { iss: `${ISSUER}/` }],
    ['of two clients', { aud: [CLIENT_ID, 'other'] }],
    ['of another authorized party', { azp: 'other' }],
    ['of no client', { aud: [] }],
    ['with a number as its subject', { sub: 1 }],
    ['with a list as its subject', { sub: ['zoe-1'] }],
    ['with an object as its subject', { sub: { toString: 'zoe-1' } }],
    ['with an empty subject', { sub: '' }],
    ['with a long subject', { sub: 'zoe-1'.repeat(60) }],
    ['with null as its session', { sid: null }],
    ['with a number as its session', { sid: 0 }],
    ['with true as its event', { events: { [Object.keys(EVENTS)[0] ?? '']: true } }],
    ['with the event as a prototype', { events: { __proto__: EVENTS } }],
    ['with a list of events', { events: [EVENTS] }],
    ['with an empty id', { jti: '' }],
    ['with a long id', { jti: 'x'.repeat(300) }],
    ['with a number as its id', { jti: 1 }],
    ['issued before time', { iat: 0 }],
    ['not valid yet', { nbf: seconds(600) }],
    ['with a text as its end', { exp: '9999999999' }],
    ['as a logout token of another kind', {}, { typ: 'logout+jwt;x' }],
    ['with a critical header', {}, { crit: ['x'], x: 1 }],
    ['with the key in it', {}, { kid: 'none', jwk: {} }],
  ])('%s ends nothing', async (_what, claims, header = {}) => {
    const token = await tokenFor(claims, header).catch(() => 'cannot be signed');
    expect(await sendToken(token)).toBe(400);
    expect(await present()).toBe('zoe ben');
  });

  it('to another source at the same provider ends no session of this one', async () => {
    expect(await sendToken(await tokenFor(), '/source/partner/logout')).toBe(200);
    expect(await present()).toBe('zoe ben');
  });

  it('of an account’s session ends none of another account, whatever both are called', async () => {
    zoe = await signIn('visit-9', null);
    ben = await signIn('ben-2', 'zoe-9');
    expect(await sendToken(await tokenFor({ jti: 'a', sub: undefined, sid: 'visit-9' }))).toBe(200);
    expect(await sendToken(await tokenFor({ jti: 'b', sub: 'zoe-9' }))).toBe(200);
    expect(await present()).toBe('zoe ben');
  });
});

describe('the way back from a provider', () => {
  const back = async (query: string, cookie = ''): Promise<string | null> => {
    const target = `/source/work/signed-out${query}`;
    const response = await send({ method: 'GET', target }, cookie === '' ? {} : { cookie });
    expect(response.status).toBe(303);
    return response.headers.get('location');
  };

  it('leads to the run of this very browser, or to the front page', async () => {
    const name = hostCookieName(testSnapshot().site, 'browser');
    const secret = 'b'.repeat(22);
    const plan = planOf(clock, { browser: vault.name('browser', secret) });
    await stores.plans.write({ ...plan, revision: 1 }, 0);
    const own = `${name}=${secret}`;
    expect(await back(`?state=${plan.id}`, own)).toBe(`/flow/${plan.flow}?plan=${plan.id}`);
    for (const [query, cookie] of [
      [`?state=${plan.id}`, ''],
      [`?state=${plan.id}`, `${name}=${'c'.repeat(22)}`],
      [`?state=${plan.id}&state=${plan.id}`, own],
      [`?state=${plan.id}%0d%0aSet-Cookie:a=b`, own],
      ['?state=https://evil.example', own],
      ['?state=//evil.example/aaaaaaaaaaaa', own],
      ['?post_logout_redirect_uri=https://evil.example', own],
      ['', own],
    ] as const) {
      expect([query, cookie, await back(query, cookie)]).toEqual([query, cookie, '/']);
    }
    expect(await present()).toBe('zoe ben');
  });
});
