/**
 * A change to a user takes effect on the next request: at every endpoint, on every gateway that
 * shares the Redis server and the folder. The tests wait only until the change is made, and use
 * each endpoint a moment before, so that its caches are filled.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Client, FETCH } from '../support/client.ts';
import { type Gateway, HASH, PASSWORD, spawnGateway, startGateway } from '../support/gateway.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { type App, startSockets } from '../support/upstreams.ts';
import { type EchoApp, startEcho } from './fixture.ts';

const FLOWS = {
  login: `title: In
designation: authentication
stages: [{ type: identification }, { type: password }, { type: user_login }]
`,
  logout: 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n',
  mine: `title: Mine
designation: configuration
requires: session
stages: [{ type: message, title: Mine, text: This is about you. }]
`,
};

let redis: RedisServer;
let app: EchoApp;
let sockets: App;
let gateways: readonly [Gateway, Gateway];
let people: string;

const rules = (group: string): string => `
  - id: app
    host: app.gw.test
    upstream: "${app.origin}"
    policies: [{ type: group, any: [${group}] }]
  - id: live
    host: live.gw.test
    upstream: "${sockets.url}"
    policies: [{ type: group, any: [${group}] }]
  - id: anybody
    host: anybody.gw.test
    upstream: "${app.origin}"
`;

beforeAll(async () => {
  redis = await startRedis();
  app = await startEcho('app');
  sockets = await startSockets();
  const env = { DOORWARD_SESSION__SECRETS: randomBytes(48).toString('base64') };
  const config = () => `session: { cookie_domains: [gw.test] }
throttle: { free: 1000 }
trusted_proxies: [127.0.0.1]
routes:${rules('staff')}`;
  const common = { state: redis.url, flows: FLOWS, config };
  const directories = (path: string): string =>
    `[{ type: embedded }, { type: file, path: ${path} }]`;
  const first = await startGateway({ ...common, env, directories: directories('users.yaml') });
  people = join(first.dir, 'users.yaml');
  const second = await spawnGateway({
    ...common,
    env: { ...env, DOORWARD_DATA_DIR: join(first.dir, 'data') },
    directories: directories(people),
  });
  gateways = [first, second];
});
afterAll(async () => {
  for (const gateway of gateways.toReversed()) await gateway.remove();
  await Promise.all([app.close(), sockets.close(), redis.stop()]);
});

/** Runs a command on the shared folder and Redis server. */
async function run(args: readonly string[], stdin = ''): Promise<void> {
  const ran = await gateways[0].run(args, stdin);
  expect(ran.code, ran.err).toBe(0);
}

/** Users of the users file by name, as YAML. */
function writePeople(entries: Readonly<Record<string, string>>): void {
  const lines = Object.entries(entries).map(([name, rest]) => `  ${name}: { ${rest} }\n`);
  writeFileSync(people, `users:\n${lines.join('')}`);
}
const entry = (groups: string, more = ''): string =>
  `displayname: Somebody, password: "${HASH}", groups: [${groups}]${more}`;
const OTHERS = { zoe: entry('staff') };

/** What a gateway replies to a user at each endpoint. */
interface Doors {
  readonly proxy: number;
  readonly check: number;
  /** The outcome of opening another websocket. */
  readonly socket: number;
  /** Apps that the portal lists, or null if it asks the visitor to sign in. */
  readonly portal: readonly string[] | null;
  /** A flow about the signed-in user. */
  readonly flow: number;
}

const OPEN: Doors = {
  proxy: 200,
  check: 200,
  socket: 101,
  portal: ['anybody', 'app', 'live'],
  flow: 200,
};
const NOT_MEMBER: Doors = { ...OPEN, proxy: 403, check: 403, socket: 403, portal: ['anybody'] };
const STRANGER: Doors = { proxy: 401, check: 401, socket: 401, portal: null, flow: 401 };

async function doorsOf(gateway: Gateway, cookie: string): Promise<Doors> {
  const client = new Client();
  const ask = async (url: string, headers: Readonly<Record<string, string>>) =>
    client.send(url, { headers: { ...headers, cookie }, bare: true });
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/app/ws`, {
    headers: { host: `live.gw.test:${gateway.port}`, cookie },
  });
  const opened = new Promise<number>((resolve) => {
    socket.on('error', () => undefined);
    socket.once('upgrade', () => resolve(101));
    socket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
  });
  // All at once, so that no endpoint learns from another that something has changed.
  const [proxy, check, portal, flow, upgrade] = await Promise.all([
    ask(`${gateway.app('app')}/`, FETCH),
    ask(`http://internal:${gateway.port}/.doorward/check/nginx`, {
      ...FETCH,
      'x-original-url': `${gateway.app('app')}/`,
      'x-original-method': 'GET',
      'x-forwarded-for': '203.0.113.5',
    }),
    ask(`${gateway.portal}/`, { accept: 'text/html', 'sec-fetch-mode': 'navigate' }),
    ask(`${gateway.portal}/api/flow/mine`, FETCH),
    opened,
  ]);
  socket.terminate();
  const apps = ['anybody', 'app', 'live'];
  return {
    proxy: proxy.status,
    check: check.status,
    socket: upgrade,
    portal:
      portal.status === 200 ? apps.filter((id) => portal.body.includes(`//${id}.gw.test`)) : null,
    flow: flow.status,
  };
}

const everywhere = (cookie: string): Promise<Doors[]> =>
  Promise.all(gateways.map((gateway) => doorsOf(gateway, cookie)));

/** The cookies of the portal, which include the one for apps. */
async function signIn(name: string, gateway: Gateway, password = PASSWORD): Promise<string> {
  const client = new Client();
  await client.signIn(gateway.app('anybody'), name, password);
  return client.cookieHeader('auth.gw.test');
}

/** An open socket on each gateway, with the code it is closed with. */
async function heldSockets(cookie: string): Promise<readonly { closed: Promise<number> }[]> {
  const held = async ({ port }: Gateway) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/app/ws`, {
      headers: { host: `live.gw.test:${port}`, cookie },
    });
    const closed = new Promise<number>((resolve) => void socket.once('close', resolve));
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    return { closed };
  };
  return Promise.all(gateways.map(held));
}

let count = 0;
/** A signed-in user who has just used every endpoint of both gateways. */
async function newUser(kind: 'embedded' | 'file'): Promise<{ name: string; cookie: string }> {
  const name = `person${(count += 1)}`;
  if (kind === 'embedded') await run(['user', 'add', name, '--group', 'staff'], PASSWORD);
  else writePeople({ ...OTHERS, [name]: entry('staff') });
  const cookie = await signIn(name, gateways[count % 2] as Gateway);
  expect(await everywhere(cookie)).toEqual([OPEN, OPEN]);
  expect(await everywhere(cookie)).toEqual([OPEN, OPEN]);
  return { name, cookie };
}

/** Resolves when both have reloaded their files and logged it. */
async function reloadBoth(group: string): Promise<void> {
  const before = gateways.map((gateway) => gateway.output().length);
  for (const { configFile } of gateways) {
    const text = readFileSync(configFile, 'utf8');
    writeFileSync(configFile, text.replace(/routes:[^]*$/, `routes:${rules(group)}`));
  }
  await until('both have reloaded', () =>
    gateways.every(({ output }, i) => output().slice(before[i]).includes('"msg":"reload"')),
  );
}

interface Change {
  readonly of: 'embedded' | 'file';
  readonly make: (name: string) => Promise<void>;
  readonly doors: Doors;
  readonly back?: () => Promise<void>;
}

const CHANGES: Readonly<Record<string, Change>> = {
  'user disable': { of: 'embedded', make: (n) => run(['user', 'disable', n]), doors: STRANGER },
  'user delete': { of: 'embedded', make: (n) => run(['user', 'delete', n]), doors: STRANGER },
  'user passwd': {
    of: 'embedded',
    make: (n) => run(['user', 'passwd', n], 'another horse battery'),
    doors: STRANGER,
  },
  'session revoke': {
    of: 'embedded',
    make: (n) => run(['session', 'revoke', '--user', n]),
    doors: STRANGER,
  },
  'user import --update without the group': {
    of: 'embedded',
    async make(name) {
      const file = join(gateways[0].dir, 'import.yaml');
      writeFileSync(file, `users:\n  ${name}: { ${entry('guests')} }\n`);
      await run(['user', 'import', '--update', file]);
    },
    doors: STRANGER,
  },
  'a users file without the group': {
    of: 'file',
    make: async (name) => writePeople({ ...OTHERS, [name]: entry('guests') }),
    doors: NOT_MEMBER,
  },
  'a users file that disables the user': {
    of: 'file',
    make: async (name) => writePeople({ ...OTHERS, [name]: entry('staff', ', disabled: true') }),
    doors: STRANGER,
  },
  'a users file without the user': {
    of: 'file',
    make: async () => writePeople(OTHERS),
    doors: STRANGER,
  },
  'a configuration that requires another group': {
    of: 'embedded',
    make: () => reloadBoth('board'),
    doors: NOT_MEMBER,
    back: () => reloadBoth('staff'),
  },
};

describe('the next request, on either of two gateways', () => {
  it.each(Object.entries(CHANGES))('is refused after %s', async (_, { of, make, doors, back }) => {
    const { name, cookie } = await newUser(of);
    const held = await heldSockets(cookie);
    await make(name);
    expect(await everywhere(cookie)).toEqual([doors, doors]);
    // On each gateway, a policy refuses the socket (1008).
    expect(await Promise.all(held.map(({ closed }) => closed))).toEqual([1008, 1008]);
    await back?.();
  });

  it('is anonymous after user enable, and a new sign-in works at either', async () => {
    const { name, cookie } = await newUser('embedded');
    await run(['user', 'disable', name]);
    for (const gateway of gateways) {
      const refused = await signIn(name, gateway);
      expect((await doorsOf(gateway, refused)).proxy).toBe(401);
    }
    await run(['user', 'enable', name]);
    expect(await everywhere(cookie)).toEqual([STRANGER, STRANGER]);
    for (const gateway of gateways) {
      expect(await everywhere(await signIn(name, gateway))).toEqual([OPEN, OPEN]);
    }
  });

  it('is allowed after a reload that grants access, with the same session', async () => {
    const { cookie } = await newUser('embedded');
    await reloadBoth('board');
    expect(await everywhere(cookie)).toEqual([NOT_MEMBER, NOT_MEMBER]);
    await reloadBoth('staff');
    expect(await everywhere(cookie)).toEqual([OPEN, OPEN]);
  });

  it('finds no session after a user of the same name is added to the users file', async () => {
    const { name, cookie } = await newUser('file');
    writePeople(OTHERS);
    await until('they are signed out without having come', async () => {
      const listed = await gateways[0].run(['session', 'list', '--json', '--user', `file/${name}`]);
      return listed.out.trim() === '[]';
    });
    writePeople({ ...OTHERS, [name]: entry('staff') });
    expect(await everywhere(cookie)).toEqual([STRANGER, STRANGER]);
  });
});
