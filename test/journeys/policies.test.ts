/**
 * Rules as operators write them, and what users then see: through a real gateway, on both stores.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { ClientFrom } from '../support/client-from.ts';
import { headingOf, past, shownSecret } from '../support/flow-pages.ts';
import { type Gateway, PASSWORD, spawnGateway } from '../support/gateway.ts';
import { type Phone, phoneWith } from '../support/phone.ts';
import { freePort } from '../support/ports.ts';
import { startProgram } from '../support/program.ts';
import { startRedis } from '../support/redis.ts';
import { isReady } from '../support/site.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const OFFICE = '10.20.30.40';
const HOME = '203.0.113.9';
const HOUR = 3_600_000;
/** The gateway's clock starts here; a contractor's access ends at noon. */
const MORNING = Date.UTC(2026, 10, 23, 11, 50);
const NOON = Date.UTC(2026, 10, 23, 12);

const ROUTES = `
  - id: wiki
    host: wiki.gw.test
    upstream: UPSTREAM
    policies: [{ type: group, any: [staff] }]
    paths:
      - path: /admin/**
        policies:
          - { type: group, any: [admins] }
          - { type: method, any: [totp, webauthn], within: 1h, otherwise: step-up }
  - id: office
    host: office.gw.test
    upstream: UPSTREAM
    policies:
      - { type: group, any: [staff] }
      - any:
          - { type: network, any: [10.0.0.0/8] }
          - { type: method, any: [totp, webauthn], otherwise: step-up }
  - id: contract
    host: contract.gw.test
    upstream: UPSTREAM
    match: any
    policies:
      - { type: group, any: [staff] }
      - { type: user, any: [alice], expires: "2026-11-23T12:00:00Z" }
  - id: trial
    host: trial.gw.test
    upstream: UPSTREAM
    policies: [{ type: group, any: [empty-group], dry_run: true }]
  - id: strict
    host: strict.gw.test
    upstream: UPSTREAM
    max_age: 2h
    factor_age: 30m
`;

interface World {
  readonly gateway: Gateway;
  readonly app: WebApp;
  /** Sets the gateway's clock. */
  readonly at: (time: number) => void;
  readonly now: () => number;
  /** What a further gateway on the same configuration is started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

async function startWorld(store: 'embedded' | 'redis'): Promise<World> {
  const app = await startWebApp('app');
  const redis = store === 'redis' ? await startRedis() : null;
  const dir = mkdtempSync(join(tmpdir(), 'doorward-clock-'));
  const clock = join(dir, 'clock');
  let now = MORNING;
  const at = (time: number): void => writeFileSync(clock, String((now = time)));
  at(MORNING);
  const preload = join(import.meta.dirname, '../support/moved-clock.ts');
  const env = {
    DOORWARD_SESSION__SECRETS: randomBytes(48).toString('base64'),
    NODE_OPTIONS: `--import=${preload}`,
    MOVED_CLOCK: clock,
  };
  const gateway = await spawnGateway({
    state: redis?.url ?? 'embedded',
    env,
    directories: '[{ type: embedded }, { type: file, path: users.yaml }]',
    config: () => `session: { cookie_domains: [gw.test], idle: 6h }
trusted_proxies: [127.0.0.1]
routes:${ROUTES.replaceAll('UPSTREAM', `"http://127.0.0.1:${app.port}"`)}`,
  });
  const close = async (): Promise<void> => {
    await gateway.remove();
    await Promise.all([app.close(), redis?.stop()]);
    rmSync(dir, { recursive: true });
  };
  return { gateway, app, at, now: () => now, env, close };
}

describe.each(['embedded', 'redis'] as const)('with the state %s', (store) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(store);
  });
  afterAll(() => world?.close());

  const url = (app: string, path = '/'): string => world.gateway.app(app) + path;
  const signedIn = async (name: string, ip = HOME): Promise<ClientFrom> => {
    const client = new ClientFrom(ip);
    const end = await client.signIn(url('trial'), name, PASSWORD);
    expect(end).toMatchObject({ status: 200, url: url('trial') });
    return client;
  };
  /** Steps up on the way to an address; sets an app up if the user has none. */
  const stepUp = async (client: Client, to: string, phone?: Phone): Promise<Phone> => {
    const question = await past(client, await client.follow(to));
    expect(new URL(question.url).pathname).toBe('/flow/step-up');
    if (phone !== undefined) {
      expect(headingOf(question)).toBe('Enter the code from your app');
      const end = await client.submitAndFollow(question, { code: phone.code() });
      expect(end).toMatchObject({ status: 200, url: to });
      return phone;
    }
    const made = phoneWith(shownSecret(question), world.now);
    const codes = await client.submitAndFollow(question, { code: made.code() });
    const end = await client.submitAndFollow(codes, { kept: 'on' });
    expect(end).toMatchObject({ status: 200, url: to });
    return made;
  };
  const reasonsOf = async (client: Client, to: string): Promise<readonly string[]> => {
    const answer = await client.send(to, { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(403);
    const { reasons } = JSON.parse(answer.body) as {
      readonly reasons: readonly { code: string }[];
    };
    return reasons.map((reason) => (typeof reason === 'string' ? reason : reason.code));
  };

  it('a staff wiki requires a recent second factor for administration, and returns the user there', async () => {
    const deep = url('wiki', '/admin/users?sort=%20name&x=1');
    const bob = await signedIn('bob');
    expect((await bob.open(url('wiki'))).status).toBe(200);
    const phone = await stepUp(bob, deep);
    expect(JSON.parse((await bob.open(deep)).body)).toMatchObject({
      url: '/admin/users?sort=%20name&x=1',
    });
    const later = await signedIn('bob');
    await stepUp(later, deep, phone);
    world.at(MORNING + HOUR);
    expect((await later.open(deep)).location).toContain('/flow/step-up');
    expect((await later.open(url('wiki'))).status).toBe(200);
    await stepUp(later, deep, phone);
    world.at(MORNING);

    // A user whom a second factor would not help is not asked for one.
    const carol = await signedIn('carol');
    expect((await carol.open(url('wiki'))).status).toBe(200);
    expect((await carol.open(deep)).status).toBe(403);
    expect(await reasonsOf(carol, deep)).toEqual(['group/not-member', 'method/missing']);
    expect(await reasonsOf(await signedIn('alice'), url('wiki'))).toEqual(['group/not-member']);
  });

  it('a second factor is not needed in the office, is elsewhere, and outsiders are refused at once', async () => {
    const carol = await signedIn('carol', OFFICE);
    expect((await carol.open(url('office'))).status).toBe(200);
    carol.ip = HOME;
    expect((await carol.open(url('office'))).location).toContain('/flow/step-up');
    await stepUp(carol, url('office'));
    expect((await carol.open(url('office'))).status).toBe(200);
    for (const ip of [OFFICE, HOME]) {
      const alice = await signedIn('alice', ip);
      expect((await alice.open(url('office'))).status).toBe(403);
    }
  });

  it('a contractor’s access ends exactly at noon, and that of other users does not', async () => {
    const [alice, carol] = [await signedIn('alice'), await signedIn('carol')];
    world.at(NOON - 1);
    expect((await alice.open(url('contract'))).status).toBe(200);
    world.at(NOON);
    expect((await alice.open(url('contract'))).status).toBe(403);
    expect(await reasonsOf(alice, url('contract'))).toEqual([
      'group/not-member',
      'binding/expired',
    ]);
    expect((await carol.open(url('contract'))).status).toBe(200);
    expect((await alice.open(url('trial'))).status).toBe(200);
    world.at(MORNING);
  });

  it('a rule in trial mode refuses no request, and is logged and counted', async () => {
    const alice = await signedIn('alice');
    expect((await alice.open(url('trial', '/counted'))).status).toBe(200);
    const numbers = await fetch(`http://127.0.0.1:${world.gateway.adminPort}/metrics`);
    expect(await numbers.text()).toMatch(
      /^doorward_would_deny_total\{route="trial",reason="group\/not-member"\} [1-9]/m,
    );
    await until('the line of the log', () => world.gateway.output().includes('/counted'));
    const line =
      world.gateway
        .output()
        .split('\n')
        .find((one) => one.includes('/counted')) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      decision: 'allow',
      user_id: expect.any(String),
      dry_run: [
        {
          rule: 'trial',
          policy: 'group',
          code: 'group/not-member',
          line: expect.stringMatching(/\.yaml:\d+:\d+$/),
        },
      ],
    });
  });

  it('a session may be too old for one app and recent enough for the others', async () => {
    const dora = await signedIn('carol');
    world.at(MORNING + HOUR / 2 - 1);
    expect((await dora.open(url('strict'))).status).toBe(200);
    world.at(MORNING + HOUR / 2);
    expect((await dora.open(url('strict'))).location).toContain('/flow/login');
    expect((await dora.open(url('wiki'))).status).toBe(200);
    const end = await dora.signIn(url('strict', '/back?here=1'), 'carol', PASSWORD);
    expect(end).toMatchObject({ status: 200, url: url('strict', '/back?here=1') });
    world.at(MORNING);
  });

  it('a disabled user is refused on the next request of an open connection, at every gateway', async () => {
    const { gateway, env } = world;
    const name = `mia-${store}`;
    const run = async (...args: string[]): Promise<void> => {
      const ran = await gateway.run(args, PASSWORD);
      expect(ran.code, ran.err).toBe(0);
    };
    await run('user', 'add', name);
    const mia = await signedIn(name);
    const [port, adminPort] = [await freePort(), await freePort()];
    const other = await startProgram(process.execPath, [MAIN, 'serve', '-c', gateway.configFile], {
      env: {
        ...env,
        DOORWARD_LISTEN: `127.0.0.1:${port}`,
        DOORWARD_ADMIN__LISTEN: `127.0.0.1:${adminPort}`,
      },
      isReady: () => isReady(adminPort),
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (at: number): Promise<readonly [number, boolean]> =>
      new Promise((resolve, reject) => {
        const host = new URL(url('trial')).host;
        const headers = {
          host,
          cookie: mia.cookieHeader('trial.gw.test'),
          'x-forwarded-for': HOME,
        };
        const sent = request({ host: '127.0.0.1', port: at, agent, headers }, (answer) => {
          answer.resume().on('end', () => resolve([answer.statusCode ?? 0, sent.reusedSocket]));
        });
        sent.on('error', reject).end();
      });
    try {
      for (const at of [gateway.port, port]) {
        expect(await ask(at)).toEqual([200, false]);
        expect(await ask(at)).toEqual([200, true]);
      }
      await run('user', 'disable', name);
      for (const at of [gateway.port, port]) expect(await ask(at)).toEqual([401, true]);
    } finally {
      agent.destroy();
      await other.stop();
    }
  });
});
