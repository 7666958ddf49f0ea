/**
 * A configuration that changes under load: applied completely or not at all, without losing a
 * request.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { type Gateway, PASSWORD } from '../support/gateway.ts';
import { dialSocket, metric, signInAt, startBefore, startLoad } from '../support/operations.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const LOGIN = `title: Sign in
designation: authentication
stages:
  - { type: identification, by: [username, email] }
  - { type: password }
  - { type: user_login }
`;
const LOGOUT = readFileSync(join(import.meta.dirname, '../../flows/logout.yaml'), 'utf8');

let app: WebApp;
let gateway: Gateway;
let original: string;
/** carol (staff), signed in. */
let carol: Client;

beforeAll(async () => {
  app = await startWebApp('app');
  gateway = await startBefore(app.port, { flows: { login: LOGIN, logout: LOGOUT } });
  original = readFileSync(gateway.configFile, 'utf8');
  carol = new Client();
  await signInAt(gateway, carol, 'carol');
});
afterAll(async () => {
  await gateway?.remove();
  await app?.close();
});

const statusOf = async (name: string): Promise<number> =>
  (await carol.open(`${gateway.app(name)}/`)).status;

/**
 * Writes the configuration and waits for its effect: a logged reload may be of the earlier file.
 */
async function configure(text: string, effect: () => Promise<boolean>): Promise<void> {
  writeFileSync(gateway.configFile, text);
  await until('the change takes effect', effect);
}

/** Whether the last reload succeeded. */
const isAccepted = async (): Promise<boolean> =>
  (await metric(gateway, 'doorward_reload_ok')) === 1;
const wikiAnswers = (status: number) => async (): Promise<boolean> =>
  (await statusOf('wiki')) === status;

/** The usual configuration, with a wiki that carol may not read. */
const tighter = (): string =>
  original.replace('id: wiki,', 'id: wiki, policies: [{ type: group, any: [admins] }],');
/** The usual configuration with one more route. */
const withRoute = (id: string): string =>
  `${original}  - { id: ${id}, host: ${id}.gw.test, upstream: "http://127.0.0.1:${app.port}" }\n`;

describe('a changed configuration', () => {
  it('applies new routes and stricter rules, and loses no request', async () => {
    const load = startLoad(gateway, carol, 'wiki');
    expect(await statusOf('extra')).toBe(421);
    for (let round = 0; round < 5; round += 1) {
      const id = `extra${round}`;
      await configure(withRoute(id), async () => (await statusOf(id)) === 200);
    }
    // By signal as well, at once and many times.
    for (let i = 0; i < 10; i += 1) gateway.hangUp();
    const counted = load.counts()[200] ?? 0;
    await until('the load goes on', () => (load.counts()[200] ?? 0) > counted + 50);
    await load.stop();
    expect(Object.keys(load.counts())).toEqual(['200']);

    await configure(tighter(), wikiAnswers(403));
    await configure(original, wikiAnswers(200));
  });

  it('closes a websocket that would no longer be allowed', async () => {
    const { closed } = await dialSocket(gateway, carol);
    await configure(tighter(), wikiAnswers(403));
    expect(await closed).toBe(1008);
    await configure(original, wikiAnswers(200));
  });

  it('with a fault changes nothing, is logged with its line, and shows in the metrics', async () => {
    expect(await isAccepted()).toBe(true);
    const line = original.split('\n').length;
    await configure(`${withRoute('half')}typo: 1\n`, async () =>
      gateway.output().includes('configuration refused'),
    );
    expect(await isAccepted()).toBe(false);
    const told =
      gateway
        .output()
        .split('\n')
        .find((l) => l.includes('configuration refused')) ?? '';
    expect(JSON.parse(told)).toMatchObject({
      level: 'error',
      faults: [{ file: gateway.configFile, line: line + 1, path: 'typo' }],
    });
    expect(told).not.toContain(original.split('secrets: ["')[1]?.slice(0, 20));
    expect([await statusOf('half'), await statusOf('wiki')]).toEqual([421, 200]);
    rmSync(gateway.configFile);
    gateway.hangUp();
    await until('it misses the file', () => gateway.output().includes('the file does not exist'));
    expect(await statusOf('wiki')).toBe(200);
    await configure(original, isAccepted);
  });

  it('names the settings that need a restart', async () => {
    await configure(original.replace('state: embedded', 'state: embedded\nworkers: 3'), async () =>
      gateway.output().includes('restart to change these'),
    );
    expect(gateway.output()).toContain('"options":["workers"]');
    writeFileSync(gateway.configFile, original);
  });

  it('is noticed when a whole directory is swapped by a symlink, as Kubernetes does', async () => {
    // doorward.yaml → ..data/doorward.yaml, ..data → a directory with a date for a name.
    const { dir } = gateway;
    const put = (name: string, text: string): void => {
      mkdirSync(join(dir, name));
      writeFileSync(join(dir, name, 'doorward.yaml'), text);
      symlinkSync(name, join(dir, '..new'));
      renameSync(join(dir, '..new'), join(dir, '..data'));
    };
    put('..2026_11_23', original);
    rmSync(gateway.configFile);
    symlinkSync(join('..data', 'doorward.yaml'), gateway.configFile);
    await gateway.stop();
    await gateway.start();
    for (const [name, route] of [
      ['..2026_11_24', 'swapped'],
      ['..2026_11_25', 'again'],
    ] as const) {
      put(name, withRoute(route));
      await until('the swap is noticed', async () => (await statusOf(route)) === 200);
    }
    expect(await statusOf('swapped')).toBe(421);
    rmSync(gateway.configFile);
    await configure(original, async () => (await statusOf('again')) === 421);
  });
});

describe('a changed users file', () => {
  it('takes effect: users who are disabled or leave a group lose access', async () => {
    const path = join(gateway.dir, 'users.yaml');
    const users = readFileSync(path, 'utf8');
    const bob = new Client();
    await signInAt(gateway, bob, 'bob');
    const boardOf = async (): Promise<number> =>
      (await bob.open(`${gateway.app('board')}/`)).status;
    expect(await boardOf()).toBe(200);
    writeFileSync(path, users.replace('groups: [admins, staff]', 'groups: [staff]'));
    await until('the group is gone', async () => (await boardOf()) === 403);
    writeFileSync(path, `${users}\n  broken: [`);
    await until('the fault is logged', () => gateway.output().includes('directory/file'));
    expect(await statusOf('wiki')).toBe(200);
    writeFileSync(path, users.replace(/^ {2}carol:.*\n/m, ''));
    await until('carol is gone', async () => (await statusOf('wiki')) === 302);
    expect(await boardOf()).toBe(200);
    writeFileSync(path, users);
    const again = new Client();
    await until('carol may come back', async () => {
      return (await again.signIn(`${gateway.app('wiki')}/`, 'carol', PASSWORD)).status === 200;
    });
  });
});

describe('a flow that changes while a user is in it', () => {
  it('starts again with an explanation, and keeps its destination', async () => {
    const ann = new Client();
    const target = `${gateway.app('wiki')}/deep/page?x=1&y=%C3%BC`;
    const first = await ann.follow(target);
    const second = await ann.submitAndFollow(first, { login: 'alice' });
    expect(second.body).toContain('name="password"');
    const greeting = '  - { type: message, title: News, text: Mind the step }\n';
    const login = LOGIN.replace('stages:\n', `stages:\n${greeting}`);
    writeFileSync(join(gateway.dir, 'flows/login.yaml'), login);
    await until('the change takes effect', async () => {
      const page = await new Client().follow(`${gateway.portal}/flow/login`);
      return page.body.includes('Mind the step');
    });
    const restarted = await ann.submitAndFollow(second, { password: PASSWORD });
    expect(restarted.status).toBe(200);
    expect(restarted.body).toContain('Mind the step');
    const identify = await ann.submitAndFollow(restarted, {});
    const password = await ann.submitAndFollow(identify, { login: 'alice' });
    const done = await ann.submitAndFollow(password, { password: PASSWORD });
    expect(done).toMatchObject({ status: 200, url: target });
  });
});
