/** Revoked access ends on the next request: sessions, users, groups and open sockets. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Client, FETCH } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { type App, startSockets } from '../support/upstreams.ts';
import { type SignedIn, startWorld, type World } from './fixture.ts';

let world: World;
let sockets: App;
beforeAll(async () => {
  sockets = await startSockets();
  world = await startWorld({
    trusted: true,
    directories: '[{ type: embedded }, { type: file, path: users.yaml }]',
    flows: {
      login: `title: Sign in
designation: authentication
stages:
  - { type: identification, by: [username] }
  - { type: password }
  - { type: user_login }
`,
      slow: `title: Slow
designation: authentication
stages:
  - { type: identification, by: [username] }
  - { type: password }
  - { type: message, title: Nearly, text: One more step. }
  - { type: user_login }
`,
      logout: 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n',
    },
    routes: () => [
      `{ id: live, host: live.gw.test, upstream: "${sockets.url}" }`,
      `{ id: staff, host: staff.gw.test, upstream: "${sockets.url}", policies: [{ type: group, any: [staff] }] }`,
    ],
  });
});
afterAll(async () => {
  await world.close();
  await sockets.close();
});

const MEMBERS = ['mia', 'noah', 'olga', 'paul', 'rosa'] as const;
/** Adds a user to the embedded directory. */
async function added(name: (typeof MEMBERS)[number], ...groups: string[]): Promise<string> {
  const options = groups.flatMap((group) => ['--group', group]);
  const ran = await world.gateway.run(['user', 'add', name, ...options], PASSWORD);
  expect(ran.code, ran.err).toBe(0);
  return name;
}
async function run(...args: string[]): Promise<void> {
  const ran = await world.gateway.run(args);
  expect(ran.code, ran.err).toBe(0);
}

/** What a session currently has access to, through the proxy and a check. */
async function doors({ pair }: SignedIn, path = '/'): Promise<number[]> {
  const bare = new Client();
  const { gateway } = world;
  const direct = await bare.send(gateway.app('app') + path, {
    headers: { ...FETCH, cookie: pair },
  });
  const reply = await bare.send(`http://auth.internal:${gateway.port}/.doorward/check/nginx`, {
    headers: {
      ...FETCH,
      cookie: pair,
      'x-original-url': `http://app.gw.test${path}`,
      'x-original-method': 'GET',
      'x-forwarded-for': '203.0.113.5',
    },
  });
  return [direct.status, reply.status];
}

/** An open socket that has echoed once. */
async function openSocket(session: SignedIn, host = 'live'): Promise<WebSocket> {
  const { port } = world.gateway;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/app/ws`, {
    headers: { host: `${host}.gw.test:${port}`, cookie: session.pair },
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('message', () => resolve());
    socket.once('close', (code) => reject(new Error(`closed: ${code}`)));
    socket.once('open', () => socket.send('hello'));
  });
  return socket;
}
const closed = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => void socket.once('close', (code) => resolve(code)));

describe('users', () => {
  // Passkeys, codes and links: passkeys, second-factor and links. Pending: sources and API tokens.
  it('FLOW-disabled: who are disabled are refused at the password and at the last step', async () => {
    const client = new Client();
    const landed = await client.signIn(world.gateway.app('app'), 'dan', PASSWORD);
    expect(landed.body).not.toContain('"mark":"app"');
    expect(client.cookieHeader('app.gw.test')).toBe('');

    const paul = await added('paul');
    const late = new Client();
    const first = await late.open(`${world.gateway.portal}/flow/slow`);
    const second = await late.submitAndFollow(first, { login: paul });
    const third = await late.submitAndFollow(second, { password: PASSWORD });
    expect(third.body).toContain('Nearly');
    await run('user', 'disable', paul);
    const last = await late.submitAndFollow(third, {});
    expect(last.status).toBe(403);
    // Disabling revokes earlier proofs, so the run ends even if the account is enabled again.
    expect(last.body).toContain('session/outdated');
    expect(late.cookieHeader('app.gw.test')).toBe('');
  });

  it('FLOW-deleted-live: who are disabled or deleted lose open sessions and sockets on the next request', async () => {
    const mia = await added('mia');
    const before = await world.signIn(mia);
    expect(await doors(before)).toEqual([200, 200]);
    await run('user', 'disable', mia);
    expect(await doors(before)).toEqual([401, 401]);
    await run('user', 'enable', mia);
    expect(await doors(before), 'enabling brings no session back').toEqual([401, 401]);
    const after = await world.signIn(mia);
    expect(await doors(after)).toEqual([200, 200]);
    await run('user', 'delete', mia);
    expect(await doors(after)).toEqual([401, 401]);
    // A new user of the same name is not the old one.
    await added('mia', 'admins');
    expect(await doors(after)).toEqual([401, 401]);
    expect(await doors(before)).toEqual([401, 401]);
  });

  it('FLOW-groups-live: who leave a group lose its access without signing out', async () => {
    const file = join(world.gateway.dir, 'users.yaml');
    const text = readFileSync(file, 'utf8');
    const bob = await world.signIn('bob');
    expect(await doors(bob, '/admin/secret')).toEqual([200, 200]);
    writeFileSync(file, text.replace('groups: [admins, staff]', 'groups: [staff]'));
    await until(
      'the group is gone',
      async () => (await doors(bob, '/admin/secret')).join() === '403,403',
    );
    expect(await doors(bob)).toEqual([200, 200]);
    writeFileSync(file, text);
    await until(
      'the group is back',
      async () => (await doors(bob, '/admin/secret')).join() === '200,200',
    );
  });
});

describe('sessions', () => {
  it('SESS-cache-revoke: are refused once revoked, even if they were just cached', async () => {
    const held = [
      await world.signIn('alice'),
      await world.signIn('alice'),
      await world.signIn('carol'),
    ];
    const [one, two, other] = held as [SignedIn, SignedIn, SignedIn];
    for (const session of held) {
      for (let warm = 0; warm < 5; warm += 1) expect(await doors(session)).toEqual([200, 200]);
    }
    const listed = await world.gateway.run(['session', 'list', '--user', 'alice', '--json']);
    const [newest] = JSON.parse(listed.out) as { id: string }[];
    await run('session', 'revoke', '--id', newest?.id ?? '');
    const left = [await doors(one), await doors(two)].map((codes) => codes.join());
    expect(left.toSorted()).toEqual(['200,200', '401,401']);
    await run('session', 'revoke', '--user', 'alice');
    for (const session of [one, two]) expect(await doors(session)).toEqual([401, 401]);
    expect(await doors(other)).toEqual([200, 200]);
    await run('session', 'revoke', '--all');
    expect(await doors(other)).toEqual([401, 401]);
  });
});

describe('websockets', () => {
  it('WS-revoke-live: are closed when their session, user or group is removed', async () => {
    const noah = await world.signIn(await added('noah'));
    const stays = await openSocket(await world.signIn('carol'));
    const revoked = closed(await openSocket(noah));
    await run('session', 'revoke', '--user', 'noah');
    expect(await revoked).toBe(1008);

    const olga = await world.signIn(await added('olga'));
    const disabled = closed(await openSocket(olga));
    await run('user', 'disable', 'olga');
    expect(await disabled).toBe(1008);

    const rosa = await world.signIn(await added('rosa'));
    const left = closed(await openSocket(rosa));
    const question = await rosa.client.follow(`${world.gateway.app('app')}/.doorward/sign-out`);
    await rosa.client.submit(question, {});
    expect(await left).toBe(1008);

    const bob = await world.signIn('bob');
    const [inGroup, out] = [await openSocket(bob, 'live'), closed(await openSocket(bob, 'staff'))];
    const file = join(world.gateway.dir, 'users.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('groups: [admins, staff]', 'groups: [admins]'));
    expect(await out).toBe(1008);
    writeFileSync(file, text);

    for (const socket of [stays, inGroup]) {
      expect(socket.readyState).toBe(WebSocket.OPEN);
      socket.terminate();
    }
    await until('the app has none left', () => sockets.connections().open === 0);
  });
});
