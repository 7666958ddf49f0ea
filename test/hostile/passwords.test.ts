/**
 * Usernames and passwords of unusual sizes and spellings: each means one user, every byte counts,
 * and none causes a fault.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSync as argon2 } from '@node-rs/argon2';
import { hashSync as bcrypt } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { HASH, PASSWORD, startGateway } from '../support/gateway.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { startWorld, ticketOf, type World } from './fixture.ts';
import { guess } from './guess.ts';

const CHEAP = { memoryCost: 1024, timeCost: 1, parallelism: 1 };
const LONG = 'a passphrase of sixty-four bytes and more, that must stay whole!!!';
const LONGEST = 'é'.repeat(512);
const HEAD = 'the first seventy-two bytes of a password that is longer than seventy-two';
const users = `users:
  alice: { displayname: Alice, email: alice@example.test, password: "${HASH}" }
  long: { displayname: Long, email: long@example.test, password: "${argon2(LONG, CHEAP)}" }
  longest: { displayname: Longest, email: longest@example.test, password: "${argon2(LONGEST, CHEAP)}" }
  modern: { displayname: Modern, email: modern@example.test, password: "${argon2(`${HEAD} right`, CHEAP)}" }
  legacy: { displayname: Legacy, email: legacy@example.test, password: "${bcrypt(`${HEAD} right`, 4)}" }
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: false, users });
});
afterAll(() => world.close());

const status = async (login: unknown, password: unknown): Promise<number> =>
  (await guess(world.gateway, login, password)).status;

describe('passwords', () => {
  it('PWD-giant: count completely if they are long, and are refused before any work if they are huge', async () => {
    expect(await status('long', LONG)).toBe(200);
    expect(await status('long', LONG.slice(0, -1))).toBe(401);
    expect(await status('long', LONG.slice(0, 64))).toBe(401);
    expect(await status('long', `${LONG}x`)).toBe(401);
    expect(Buffer.byteLength(LONGEST)).toBe(1024);
    expect(await status('longest', LONGEST)).toBe(200);
    expect(await status('longest', `${LONGEST}x`)).not.toBe(200);
    for (const odd of [
      'x'.repeat(1025),
      'x'.repeat(60_000),
      `${PASSWORD}\0`,
      `\0${PASSWORD}`,
      '\ud800',
      `${PASSWORD}\udfff`,
      '',
    ]) {
      expect([401, 422]).toContain(await status('alice', odd));
    }
    for (const odd of [null, 1, true, [PASSWORD], { $ne: '' }]) {
      expect(await status('alice', odd)).toBe(422);
    }
    for (const size of [1 << 20, 10 << 20]) {
      const { port } = world.gateway;
      const head = `POST /flow/login HTTP/1.1\r\nHost: auth.gw.test:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${size}\r\n\r\n`;
      // Without the body: the length alone is enough to decide.
      expect(statuses(await sendRaw(port, head))).toEqual([413]);
    }
    expect(await status('alice', PASSWORD)).toBe(200);
  });

  it('PWD-trunc: that share their first 72 bytes are distinguished', async () => {
    expect(Buffer.byteLength(HEAD)).toBeGreaterThanOrEqual(72);
    expect(await status('modern', `${HEAD} right`)).toBe(200);
    expect(await status('modern', `${HEAD} wrong`)).toBe(401);
    // A bcrypt hash cannot distinguish them, so neither is accepted: resetting a password is better
    // than verifying half of one.
    expect(await status('legacy', `${HEAD} wrong`)).toBe(401);
    expect(await status('legacy', `${HEAD} right`)).toBe(401);
  });
});

describe('usernames', () => {
  it('PWD-normalise: are normalized once and mean one user; look-alikes mean none', async () => {
    const same = [
      'alice',
      'ALICE',
      ' alice ',
      'ａｌｉｃｅ',
      'alice@example.test',
      'Alice@EXAMPLE.test',
      'alice＠example.test',
    ];
    for (const login of same) {
      const { status: code, client } = await guess(world.gateway, login, PASSWORD);
      expect(code, login).toBe(200);
      const cookie = ticketOf(client) ?? '';
      world.app.seen.length = 0;
      await new Client().send(world.gateway.app('app'), { headers: { cookie } });
      const raw = world.app.seen[0]?.rawHeaders ?? [];
      expect(raw[raw.indexOf('Remote-User') + 1], login).toBe('alice');
    }
    const others = [
      'alıce',
      'аlice',
      'al\u00adice',
      'ali\u200bce',
      'alice@example.test.',
      'alice@evil.invalid@example.test',
      '@alice@example.test',
      'alice@@example.test',
      'alice,long',
      'alice\0',
      'file/alice',
      '__proto__',
      'constructor',
    ];
    for (const login of others) expect([401, 422], login).toContain(await status(login, PASSWORD));
  });

  it('are unique in every directory, and email addresses are as well', async () => {
    const twice = ['Alice', 'ａlice'];
    const gateway = await startGateway({ config: () => '', directories: '[{ type: embedded }]' });
    try {
      const add = (name: string, email: string) =>
        gateway.run(['user', 'add', name, '--email', email], PASSWORD);
      expect((await add('alice', 'alice@example.test')).code).toBe(0);
      for (const name of twice) expect((await add(name, '')).code, name).toBe(1);
      for (const email of [
        'a@evil.invalid@example.test',
        'a＠b＠example.test',
        'a@b c',
        '@',
        'a@',
      ]) {
        expect((await add('mallory', email)).code, email).toBe(1);
      }
      expect((await add('mallory', 'ＡLICE@example.test')).code).toBe(1);
      const listed = JSON.parse((await gateway.run(['user', 'list', '--json'])).out) as object[];
      expect(listed).toHaveLength(1);

      const file = join(gateway.dir, 'twice.yaml');
      for (const name of twice) {
        writeFileSync(
          file,
          `users:\n  alice: { password: "${HASH}" }\n  "${name}": { password: "${HASH}" }\n`,
        );
        const imported = await gateway.run(['user', 'import', file]);
        expect(imported.code, name).toBe(1);
      }
    } finally {
      await gateway.remove();
    }
  });
});
