/**
 * Passwords in the Authorization field: no way around the limits of sign-ins, and none past a change of
 * the password or its user.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccounts } from '../../src/accounts/accounts.ts';
import { effectiveSecrets } from '../../src/run/backing/secrets.ts';
import { createVault } from '../../src/tickets/vault.ts';
import { Client } from '../support/client.ts';
import { testAuthenticator } from '../support/fake-accounts.ts';
import { PASSWORD } from '../support/gateway.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { testClock } from '../support/state.ts';
import { basic } from '../support/tokens.ts';
import { logOf, startWorld, type World } from './fixture.ts';

const NEW_PASSWORD = 'quite another horse';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    trusted: false,
    extra: '',
    directories: '[{ type: embedded }]',
    routes: ({ origin }) => [
      `{ id: dav, host: dav.gw.test, upstream: "${origin}", accepts: [session, basic], basic_passwords: true, paths: [{ path: /totp/**, tokens: true, policies: [{ type: method, any: [totp] }] }, { path: /fresh/**, max_age: 1h, tokens: true }, { path: /tokens/**, basic_passwords: false }] }`,
    ],
  });
});
afterAll(() => world?.close());

const run = async (args: readonly string[], stdin?: string): Promise<void> => {
  const { code, err } = await world.gateway.run(args, stdin);
  if (code !== 0) throw new Error(err);
};
const add = (name: string) => run(['user', 'add', name], `${PASSWORD}\n`);

const ask = (name: string, password: string, target = '/x', from = '127.0.0.1') =>
  sendRaw(
    world.port,
    [
      `GET ${target} HTTP/1.1`,
      'Host: dav.gw.test',
      `Authorization: ${basic(name, password)}`,
      'Connection: close',
      '',
      '',
    ].join('\r\n'),
    { from },
  );
const statusOf = async (...asked: Parameters<typeof ask>) => statuses(await ask(...asked))[0];

describe('a password in the Authorization field', () => {
  it('opens what its user may open, and stays away from the app', async () => {
    await add('wendy');
    world.app.seen.length = 0;
    expect(await statusOf('wendy', PASSWORD)).toBe(200);
    const names = world.app.seen[0]?.rawHeaders.map((name) => name.toLowerCase()) ?? [];
    expect(names).not.toContain('authorization');
    expect(names[names.indexOf('remote-user') + 1]).toBe('wendy');
  });

  it('never stands for a method or a fresh sign-in, nor counts where it is not accepted', async () => {
    for (const [target, status] of [
      ['/totp/x', 403],
      ['/fresh/x', 401],
      ['/tokens/x', 401],
      ['/tokens/..%2fx', 401],
    ] as const) {
      expect([target, await statusOf('wendy', PASSWORD, target)]).toEqual([target, status]);
    }
    const { out } = await world.gateway.run(['token', 'create', 'wendy', '--name', 'x']);
    for (const target of ['/totp/x', '/fresh/x', '/tokens/x']) {
      expect(await statusOf('wendy', out.trim(), target)).toBe(200);
    }
  });

  it('is checked once for a client that sends it with every request', async () => {
    await add('carl');
    const before = signIns();
    const all = await Promise.all(Array.from({ length: 100 }, () => statusOf('carl', PASSWORD)));
    expect(all.filter((status) => status !== 200)).toEqual([]);
    expect(signIns() - before).toBe(1);
  });

  it('ends at once with a new password, and with its user', async () => {
    await add('nora');
    expect(await statusOf('nora', PASSWORD)).toBe(200);
    await run(['user', 'passwd', 'nora'], `${NEW_PASSWORD}\n`);
    expect(await statusOf('nora', PASSWORD)).toBe(401);
    expect(await statusOf('nora', NEW_PASSWORD)).toBe(200);
    await run(['user', 'disable', 'nora']);
    expect(await statusOf('nora', NEW_PASSWORD)).toBe(401);
  });

  it('ends at once with a factor that another process adds', async () => {
    await add('hugo');
    expect(await statusOf('hugo', PASSWORD)).toBe(200);
    const dataDir = join(world.gateway.dir, 'data');
    const vault = createVault(await effectiveSecrets([], dataDir));
    const shown = await world.gateway.run(['user', 'show', 'hugo', '--json']);
    const { id: userId } = JSON.parse(shown.out) as { id: string };
    const accounts = openAccounts({ clock: testClock(), vault, dataDir });
    await accounts.addAuthenticator(testAuthenticator({ id: 'factor-of-hugo-0000001', userId }));
    await accounts.close();
    expect(await ask('hugo', PASSWORD)).toContain('password/second-factor');
  });

  it('is guessed no more often than on the sign-in page, which counts the same tries', async () => {
    await add('gina');
    for (let i = 0; i < 5; i += 1) {
      // The name in another spelling is the same name.
      expect(
        await statusOf(i % 2 === 0 ? 'gina' : 'GINA', `guess ${i}`, '/x', `127.0.1.${i}`),
      ).toBe(401);
    }
    const refused = await ask('gina', PASSWORD, '/x', '127.0.2.1');
    expect(statuses(refused)).toEqual([429]);
    expect(refused).toMatch(/^retry-after: \d+\r/im);
    expect(refused).toContain('password/throttled');
    const page = await new Client().signIn(world.gateway.app('app'), 'gina', PASSWORD);
    expect(page.status).toBe(429);
  });

  it('that is in memory is not there for others to guess', async () => {
    await add('rose');
    expect(await statusOf('rose', PASSWORD)).toBe(200);
    for (let i = 0; i < 5; i += 1) await ask('rose', `guess ${i}`, '/x', '127.0.4.1');
    expect(await statusOf('rose', 'another guess', '/x', '127.0.4.1')).toBe(429);
    // Her own program is not disturbed by what strangers send elsewhere.
    expect(await statusOf('rose', PASSWORD)).toBe(200);
    expect(await statusOf('rose', PASSWORD, '/x', '127.0.4.1')).toBe(429);
  });

  it('is refused for unknown names with the same words and limits', async () => {
    const told = async (name: string, from: string) => {
      const replies: string[] = [];
      for (let i = 0; i < 7; i += 1) replies.push(await ask(name, `guess ${i}`, '/x', from));
      return replies.map((reply) =>
        reply
          .replaceAll(/^(?:date|retry-after|x-request-id):.*\r\n/gim, '')
          .replaceAll(/"request_?id":"[^"]*"/g, ''),
      );
    };
    await add('known');
    expect(await told('known', '127.0.3.1')).toEqual(await told('other', '127.0.3.2'));
  });

  it('that is sent again and again locks no one out', async () => {
    await add('olga');
    for (let i = 0; i < 40; i += 1) expect(await statusOf('olga', 'an old one')).toBe(401);
    expect(await statusOf('olga', PASSWORD)).toBe(200);
  });
});

/** How many passwords outside of flows were checked and right. */
function signIns(): number {
  const lines = logOf(world.gateway).filter(({ msg, flow }) => msg === 'sign-in' && flow === '');
  return lines.filter(({ result }) => result === 'right').length;
}
