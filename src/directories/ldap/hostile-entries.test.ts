/** Entries that their owner, or an attacker on the way, has prepared. */
import { createServer } from 'node:tls';
import { once } from 'node:events';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { authority, certificate, keyPem, SERVER_AUTH } from '../../../test/support/certificate.ts';
import { START } from '../../../test/support/fakes.ts';
import {
  type Answering,
  done,
  entry,
  type FakeLdap,
  message,
  startFakeLdap,
} from '../../../test/support/fake-ldap.ts';
import { openLdap } from '../../../test/support/ldap-people.ts';
import { until } from '../../../test/support/until.ts';
import type { Event } from '../../core/access/event.ts';
import { foldName } from '../../core/people/user.ts';
import { asProblem } from '../../core/values/problem.ts';
import type { LdapDirectory } from './directory.ts';
import { elementsOf } from './protocol/ber.ts';

const BOTH = ['username', 'email'] as const;
const [BIND, SEARCH] = [0x60, 0x63];
const ID = '11111111-2222-3333-4444-555555555555';
const FOUND = done(SEARCH + 2, 0);
const BOUND = done(BIND + 1, 0);
const personNamed = (uid: string, more: Readonly<Record<string, readonly string[]>> = {}) =>
  entry(`uid=${uid},dc=x`, { uid: [uid], entryUUID: [ID], ...more });
const ANN = personNamed('ann');

const OPTIONS = {
  preset: 'openldap',
  base: 'dc=x',
  bind_dn: 'cn=doorward',
  bind_password: 'secret',
  groups: { source: 'none' },
};

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => JSON.stringify(value),
    (caught: unknown) => asProblem(caught).code,
  );

/** Searches are answered by the login that they ask for. */
const searching =
  (answers: (login: string) => readonly Buffer[]): Answering =>
  ({ tag, parts }) => {
    if (tag === BIND) return [BOUND];
    const text = parts[6]?.content.toString('latin1') ?? '';
    return answers(text.includes('bob') ? 'bob' : 'ann');
  };

describe('an LDAP directory', () => {
  let server: FakeLdap | null = null;
  let directory: LdapDirectory;
  let events: Event[];
  afterEach(async () => {
    await directory.close();
    await server?.stop();
    server = null;
  });

  const open = async (answer: Answering, more: object = {}): Promise<FakeLdap> => {
    events = [];
    const started = await startFakeLdap(answer);
    server = started;
    directory = await openLdap({ ...OPTIONS, url: started.url, ...more }, events);
    return started;
  };
  it.each([
    ['a value of a megabyte', { cn: ['x'.repeat(1024 * 1024)] }],
    ['thousands of values', { cn: Array<string>(5000).fill('a') }],
  ])('refuses a user with %s, and goes on with the others', async (_, more) => {
    await open(
      searching((login) => [personNamed(login, login === 'ann' ? more : {}), FOUND]),
      { connections: 1 },
    );
    for (let i = 0; i < 5; i += 1) {
      expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/entry');
    }
    expect((await directory.find('bob', BOTH))?.name).toBe('bob');
    expect(events).toEqual([]);
  });

  it('takes no entry that is gone, or was moved, for one of an enabled user', async () => {
    let searches = 0;
    await open(
      ({ tag }) => {
        if (tag === BIND) return [BOUND];
        searches += 1;
        return searches === 1 ? [ANN, FOUND] : [done(SEARCH + 2, 32, 'no such object')];
      },
      { disabled: '(employeeType=disabled)' },
    );
    expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/refused');
  });

  it.each([
    ['no number', 'soon', true],
    ['a day in the past', '116444736000000001', true],
    ['never', '9223372036854775807', false],
    ['nothing', '0', false],
  ])('reads an end of an account that is %s', async (_, accountExpires, disabled) => {
    const given = { userAccountControl: ['512'], accountExpires: [accountExpires] };
    await open(
      searching(() => [personNamed('ann', given), FOUND]),
      { disabled: 'user_account_control' },
    );
    expect(await directory.find('ann', BOTH)).toMatchObject({ disabled });
  });

  it('shows operators what a server says without commands for their terminal', async () => {
    await open(({ tag }) => [done(tag + 1, 49, 'no\u001b]0;evil\u0007\r\nfine')]);
    expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/unavailable');
    const [event] = events;
    const words = event?.type === 'member' ? (event.cause?.message ?? '') : '';
    expect(words).toContain('no ]0;evil fine');
    expect(words).not.toMatch(/\p{Cc}/u);
  });

  it('believes no answer that comes before its question, twice, or for an earlier one', async () => {
    const started = await open(
      ({ tag, id, socket }) => {
        if (tag === BIND) return [BOUND];
        const forged = Buffer.concat([message(id + 1, ANN), message(id + 1, FOUND)]);
        socket.write(Buffer.concat([message(id, FOUND), message(id, FOUND), forged]));
        return [];
      },
      { connections: 1 },
    );
    expect(await directory.find('ann', BOTH)).toBeNull();
    expect(await directory.find('bob', BOTH)).toBeNull();
    // The connection was not used again.
    expect(started.connections()).toBe(2);
  });

  it('uses no connection on which the server has announced to leave', async () => {
    const started = await open(searching(() => [ANN, FOUND]));
    await directory.find('ann', BOTH);
    const socket = started.asked[0]?.socket;
    // Notice of Disconnection (RFC 4511, section 4.4.1).
    socket?.write(message(0, done(0x78, 52, 'going down')));
    await until('the connection is closed', () => socket?.destroyed === true);
    expect((await directory.find('bob', BOTH))?.name ?? null).toBeNull();
    expect(started.connections()).toBe(2);
  });

  it('sends a password of blanks as it is, and never an empty one', async () => {
    const started = await open(({ tag, parts }) => {
      if (tag === SEARCH) return [ANN, FOUND];
      const isSearcher = parts[1]?.content.toString() === 'cn=doorward';
      return [done(BIND + 1, isSearcher ? 0 : 49)];
    });
    for (const password of [' ', '\t', '\u00a0', '\u3000']) {
      expect(await directory.verifyPassword(`ldap/${ID}`, password)).toBe('wrong');
      const sent = started.asked.findLast(({ tag }) => tag === BIND);
      expect(sent?.parts[2]?.content.toString()).toBe(password);
    }
    const before = started.asked.length;
    expect(await directory.verifyPassword(`ldap/${ID}`, '')).toBe('wrong');
    expect(started.asked).toHaveLength(before);
  });

  it('puts every character of a login into one value of the filter', async () => {
    const started = await open(searching(() => [FOUND]));
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    const logins = [...bytes, '\u{1f600}', '\u2028', '\ufeff', '\u0130'].map((one) => `x${one}y`);
    for (const login of logins) await directory.find(login, ['username']);
    const values = started.asked
      .filter(({ tag }) => tag === SEARCH)
      .map(({ parts }) => {
        const filter = parts[6];
        expect(filter?.tag).toBe(0xa1);
        const [and] = elementsOf(filter?.content ?? Buffer.alloc(0), 1);
        const [kind, name] = elementsOf(and?.content ?? Buffer.alloc(0), 2);
        expect(kind?.content.toString('latin1')).toContain('objectClass');
        const [attribute, value] = elementsOf(name?.content ?? Buffer.alloc(0), 2);
        expect([name?.tag, attribute?.content.toString()]).toEqual([0xa3, 'uid']);
        return value?.content.toString() ?? '';
      });
    // Once for all that are the same name to us.
    expect(values).toEqual([...new Set(logins.map(foldName))]);
    expect(values).toEqual(expect.arrayContaining(['x*y', 'x\\y', 'x(y', 'x)y', 'x\0y', 'x{y']));
  });

  it('opens few connections for many sign-ins at a slow server, and lets none in', async () => {
    const waiting: (() => void)[] = [];
    const started = await open(({ tag, id, parts, socket }) => {
      if (tag === SEARCH) return [ANN, FOUND];
      if (parts[1]?.content.toString() === 'cn=doorward') return [BOUND];
      waiting.push(() => socket.write(message(id, done(BIND + 1, 49))));
      return [];
    });
    const verdicts: string[] = [];
    const signIns = Array.from({ length: 200 }, async (_, i) => {
      verdicts.push(await codeOf(directory.verifyPassword(`ldap/${ID}`, `guess ${i}`)));
    });
    await until('all but those at the server are answered', () => verdicts.length === 184);
    expect(new Set(verdicts)).toEqual(new Set(['"busy"']));
    expect(waiting).toHaveLength(16);
    expect(started.connections()).toBeLessThanOrEqual(4 + 16);
    for (const answer of waiting) answer();
    await Promise.all(signIns);
    expect(verdicts.filter((verdict) => verdict === '"wrong"')).toHaveLength(16);
    // The places are free again.
    const next = directory.verifyPassword(`ldap/${ID}`, 'guess');
    await until('the next one is at the server', () => waiting.length === 17);
    waiting.at(-1)?.();
    expect(await next).toBe('wrong');
  });

  it('reads users who are in before others may sign in, however many try', async () => {
    const waiting: (() => void)[] = [];
    await open(
      ({ tag, id, parts, socket }) => {
        if (tag === BIND) return [BOUND];
        const text = parts[6]?.content.toString('latin1') ?? '';
        const found = text.includes(ID) ? [ANN, FOUND] : [FOUND];
        waiting.push(() => socket.write(Buffer.concat(found.map((one) => message(id, one)))));
        return [];
      },
      { connections: 1, timeout: '60s' },
    );
    // One more than can wait.
    const flood = Array.from({ length: 258 }, (_, i) => codeOf(directory.find(`x${i}`, BOTH)));
    await until('the server is asked', () => waiting.length === 1);
    expect(await flood.at(-1)).toBe('directory/unavailable');
    const answered: string[] = [];
    const inside = codeOf(directory.read(`ldap/${ID}`)).then((text) => answered.push(text));
    void flood[1]?.then((text) => answered.push(text));
    for (let i = 0; i < 3; i += 1) {
      await until('the server is asked', () => waiting.length === i + 1);
      waiting[i]?.();
    }
    await Promise.all([inside, flood[1]]);
    expect(answered).toEqual([expect.stringContaining('"name":"ann"'), 'null']);
    await directory.close();
    for (const socket of waiting.slice(3)) socket();
    await server?.stop();
    server = null;
    await Promise.all(flood);
  });

  it.each([
    ['has expired', { until: START - 86_400_000 }, 'tls/expired'],
    ['is not valid yet', { from: START + 3 * 365 * 86_400_000 }, 'tls/not-yet-valid'],
    ['is for another name', { dns: ['elsewhere.example'] }, 'tls/name'],
    ['is for clients', { usages: ['1.3.6.1.5.5.7.3.2'] }, 'tls/purpose'],
  ])('sends nothing to a server whose certificate %s', async (_, words, word) => {
    const issuer = authority();
    const shown = certificate({ dns: ['localhost'], usages: [SERVER_AUTH], ...words }, issuer);
    let received = 0;
    const listener = createServer({ cert: shown.pem, key: keyPem(shown) }, (socket) => {
      socket.on('data', (chunk: Buffer) => (received += chunk.length));
      socket.on('error', () => socket.destroy());
    });
    listener.on('tlsClientError', () => {});
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const folder = mkdtempSync(join(tmpdir(), 'doorward-ca-'));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, issuer.pem);
    const { port } = listener.address() as AddressInfo;
    events = [];
    directory = await openLdap({ ...OPTIONS, url: `ldaps://localhost:${port}`, ca }, events);
    try {
      expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/unavailable');
      expect(events).toMatchObject([{ change: 'ejected', cause: { word } }]);
      expect(received).toBe(0);
    } finally {
      listener.close();
      rmSync(folder, { recursive: true });
    }
  });
});
