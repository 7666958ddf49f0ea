/**
 * What a real provider decides after the sign-in, at two gateways on one Redis: it ends sessions, withdraws
 * accounts, changes groups, is away, and comes back with new keys. Users sign out here and there.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { type SpawnedGateway, spawnGateway } from '../support/gateway.ts';
import {
  ANN,
  type RealProvider,
  signOutAtProvider,
  startOidcProvider,
  visitProvider,
} from '../support/oidc-provider.ts';
import { freePort } from '../support/ports.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const HOUR = 3_600_000;
const dir = mkdtempSync(join(tmpdir(), 'doorward-later-'));
const clock = join(dir, 'clock');
let ahead = 0;
/** Moves the clock of both gateways forward, in milliseconds. */
function pass(time: number): void {
  ahead += time;
  writeFileSync(clock, String(Date.now() + ahead));
}

let redis: RedisServer;
let app: WebApp;
let provider: RealProvider;
let a: SpawnedGateway;
let b: SpawnedGateway;

beforeAll(async () => {
  pass(0);
  const [port, state, wiki] = await Promise.all([freePort(), startRedis(), startWebApp('wiki')]);
  [redis, app] = [state, wiki];
  const env = {
    DOORWARD_DATA_DIR: join(dir, 'data'),
    DOORWARD_SESSION__SECRETS: randomBytes(48).toString('base64'),
    NODE_OPTIONS: `--import=${join(import.meta.dirname, '../support/moved-clock.ts')}`,
    MOVED_CLOCK: clock,
  };
  const config = () => `session: { cookie_domains: [gw.test], idle: 7d, lifetime: 7d }
sources:
  company:
    type: oidc
    issuer: http://127.0.0.1:${port}
    client_id: doorward
    client_secret: "a secret of the provider and us"
    scopes: [openid, profile, email, groups]
    unknown: create
    recheck: 1h
    sign_out: true
    admit:
      - { type: expression, when: '!("leavers" in claims.groups)' }
    groups: { only: [staff, writers] }
routes:
  - { id: wiki, host: wiki.gw.test, upstream: "http://127.0.0.1:${app.port}" }
`;
  const options = { state: redis.url, directories: '[{ type: embedded }]', env, config };
  a = await spawnGateway(options);
  b = await spawnGateway(options);
  provider = await startOidcProvider({
    port,
    redirectUris: [`${a.portal}/flow/login/back`],
    postLogoutRedirectUris: [`${a.portal}/source/company/signed-out`],
    backchannelLogoutUri: `${a.portal}/source/company/logout`,
  });
}, 120_000);
afterAll(async () => {
  await Promise.all([a?.remove(), b?.remove()]);
  await Promise.all([provider?.stop(), redis?.stop(), app?.close()]);
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(() => {
  pass(0);
  provider.people.set('ann', ANN);
});

/** A browser that signed in at the provider, and so here. */
async function signIn(): Promise<{ client: Client; jar: Map<string, string>; end: Answer }> {
  const [client, jar] = [new Client(), new Map<string, string>()];
  const page = await client.follow(`${a.app('wiki')}/page`);
  const left = await client.submit(page, { login: '', source: 'company' });
  const redirectUri = `${a.portal}/flow/login/back`;
  const answer = await visitProvider(left.location, { redirectUri, jar });
  const end = await client.follow(`${redirectUri}?${answer.toString()}`);
  return { client, jar, end };
}

/** The statuses of an app behind both gateways. */
const statuses = async (client: Client): Promise<readonly number[]> => [
  (await client.open(`${a.app('wiki')}/`)).status,
  (await client.open(`${b.app('wiki')}/`)).status,
];
const refreshes = (): number => provider.requests.filter((one) => one === 'POST /token').length;

describe('a provider that ends its session', () => {
  it('ends ours on every gateway, and no other', async () => {
    const [one, other] = [await signIn(), await signIn()];
    expect(await statuses(one.client)).toEqual([200, 200]);
    await signOutAtProvider(`${provider.issuer}/session/end`, one.jar);
    expect(await statuses(one.client)).toEqual([302, 302]);
    expect(await statuses(other.client)).toEqual([200, 200]);
    await until('the log says so', () =>
      a.output().includes('"about":"logout","source":"company","result":"ended"'),
    );
  });
});

describe('a sign-out here', () => {
  it('leads to the provider, and back to our own page', async () => {
    const { client, jar } = await signIn();
    const page = await client.open(`${a.portal}/flow/logout`);
    expect(page.headers['content-security-policy']).toContain(new URL(provider.issuer).host);
    const left = await client.submit(page, {});
    const to = new URL(left.location);
    expect(to.origin).toBe(provider.issuer);
    expect(to.searchParams.get('post_logout_redirect_uri')).toBe(
      `${a.portal}/source/company/signed-out`,
    );
    // The session here has ended, whatever the provider does.
    expect(await statuses(client)).toEqual([302, 302]);
    const back = await signOutAtProvider(left.location, jar);
    const end = await client.follow(back);
    expect(end.body).toContain('You are signed out');
    const again = await client.follow(`${a.app('wiki')}/page`);
    const next = await client.submit(again, { login: '', source: 'company' });
    const asked = await fetch(next.location, {
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      redirect: 'manual',
    });
    expect(asked.headers.get('location')).toContain('/interaction/');
  });

  it('takes no address from the way back, and no run of another browser', async () => {
    const { client } = await signIn();
    const page = await client.open(`${a.portal}/flow/logout`);
    const { location } = await client.submit(page, {});
    const state = new URL(location).searchParams.get('state') ?? '';
    const path = `${a.portal}/source/company/signed-out`;
    const front = `${a.portal}/`;
    const to = async (query: string, from = client) => (await from.open(path + query)).location;
    expect(await to(`?state=${state}`)).toBe(`${a.portal}/flow/logout?plan=${state}`);
    expect(await to(`?state=${state}`, new Client())).toBe(front);
    for (const query of [
      '',
      '?state=',
      `?state=${state}&state=${state}`,
      '?state=https://evil.test/',
      '?state=//evil.test',
      `?state=${'A'.repeat(22)}`,
      `?state=${'x'.repeat(4000)}`,
      '?rd=https://evil.test/&to=https://evil.test/',
    ]) {
      expect(await to(query)).toBe(front);
    }
  });
});

describe('a session that is checked again', () => {
  it('asks once for both gateways, and gets the groups of now', async () => {
    const { client } = await signIn();
    await statuses(client);
    expect(app.seen.at(-1)?.values('Remote-Groups')).toEqual(['staff,writers']);
    provider.people.set('ann', { ...ANN, groups: ['writers'] });
    pass(HOUR);
    const before = refreshes();
    await Promise.all(Array.from({ length: 5 }, () => statuses(client)));
    expect(refreshes()).toBe(before + 1);
    expect(app.seen.at(-1)?.values('Remote-Groups')).toEqual(['writers']);
    pass(HOUR);
    expect(await statuses(client)).toEqual([200, 200]);
    expect(refreshes()).toBe(before + 2);
  });

  it.each<[string, () => void]>([
    ['was deleted', () => void provider.people.delete('ann')],
    [
      'is not admitted any more',
      () => void provider.people.set('ann', { ...ANN, groups: ['leavers'] }),
    ],
  ])('ends on every gateway when the account %s', async (_, change) => {
    const { client } = await signIn();
    expect(await statuses(client)).toEqual([200, 200]);
    change();
    pass(HOUR);
    expect(await statuses(client)).toEqual([302, 302]);
    provider.people.set('ann', ANN);
    expect(await statuses(client)).toEqual([302, 302]);
  });

  it('outlives an outage of the provider for three intervals', async () => {
    const { client } = await signIn();
    await provider.stop();
    pass(HOUR);
    expect(await statuses(client)).toEqual([200, 200]);
    pass(2 * HOUR - 60_000);
    expect(await statuses(client)).toEqual([200, 200]);
    pass(2 * 60_000);
    expect(await statuses(client)).toEqual([302, 302]);
    await until('the log says why', () => /"cause":"re(?:fused|set)"/.test(a.output()));
    await provider.start();
  });

  it('ends with the grants of a restarted provider, whose new keys sign users in at once', async () => {
    const { client } = await signIn();
    await provider.stop();
    await provider.start();
    pass(HOUR);
    expect(await statuses(client)).toEqual([302, 302]);
    expect((await signIn()).end.url).toBe(`${a.app('wiki')}/page`);
  });

  it('keeps its tokens to itself', async () => {
    const { client } = await signIn();
    pass(HOUR);
    await statuses(client);
    const seen = app.seen.map((request) => JSON.stringify(request)).join();
    expect(a.output() + b.output() + seen).not.toMatch(/eyJ|refresh_token|id_token/);
  });
});
