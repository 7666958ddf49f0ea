/** Servers that answer badly: every answer is bounded, and no answer opens anything. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Answering,
  done,
  entry,
  type FakeLdap,
  message,
  startFakeLdap,
} from '../../../test/support/fake-ldap.ts';
import { openLdap } from '../../../test/support/ldap-people.ts';
import type { Event } from '../../core/access/event.ts';
import { asProblem } from '../../core/values/problem.ts';
import type { LdapDirectory } from './directory.ts';
import { element } from './protocol/ber.ts';

const BOTH = ['username', 'email'] as const;
const [BIND, SEARCH, EXTENDED] = [0x60, 0x63, 0x77];
const ID = '11111111-2222-3333-4444-555555555555';
const ANN = entry('uid=ann,dc=x', { uid: ['ann'], entryUUID: [ID] });
const OCTETS = 0x04;

const OPTIONS = {
  preset: 'openldap',
  base: 'dc=x',
  bind_dn: 'cn=doorward',
  bind_password: 'secret',
  groups: { source: 'none' },
  timeout: '1s',
};

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => JSON.stringify(value),
    (caught: unknown) => asProblem(caught).code,
  );

const policyError = (code: number): Buffer => element(0x30, element(0x81, Buffer.from([code])));
const data = (code: string): string =>
  `80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data ${code}, v4563`;

describe('a bad LDAP server', () => {
  let server: FakeLdap;
  let directory: LdapDirectory;
  let events: Event[];
  afterEach(async () => {
    await directory.close();
    await server.stop();
  });

  const open = async (answer: Answering, more: object = {}): Promise<void> => {
    events = [];
    server = await startFakeLdap(answer);
    directory = await openLdap({ ...OPTIONS, url: server.url, ...more }, events);
  };
  /** Binds succeed; searches get these operations. */
  const searching =
    (...answers: readonly Buffer[]): Answering =>
    ({ tag }) =>
      tag === BIND ? [done(BIND + 1, 0)] : answers;
  /** The word for the operator. */
  const causes = (): readonly string[] =>
    events.flatMap((event) =>
      event.type === 'member'
        ? [`${event.change} ${event.cause?.word}: ${event.cause?.message}`]
        : [],
    );

  it('is understood if it is a good one', async () => {
    await open(searching(ANN, done(SEARCH + 2, 0)));
    expect(await directory.find('ann', BOTH)).toMatchObject({ id: `ldap/${ID}`, name: 'ann' });
    expect(server.asked.map(({ tag }) => tag)).toEqual([BIND, SEARCH]);
  });

  const bad: Readonly<Record<string, readonly Buffer[]>> = {
    'a set that is longer than its entry': [
      Buffer.from([0x64, 0x0a, 4, 1, 97, 0x30, 5, 0x30, 3, 4, 1, 97]),
    ],
    'an entry with an empty name': [entry('', { uid: ['ann'] })],
    'an entry that ends after its name': [element(0x64, element(OCTETS, 'uid=ann'))],
    'the end of a bind': [done(BIND + 1, 0)],
    'an operation that does not exist': [element(0x7f, 'x')],
    'nothing but a result without code': [element(SEARCH + 2)],
  };
  it.each(Object.keys(bad))('that sends %s is not believed', async (name) => {
    await open(searching(...(bad[name] ?? [])));
    // One bad answer may be about one user: only several in a row are an outage.
    for (const login of ['ann', 'bob', 'carl']) {
      expect(causes()).toEqual([]);
      expect(await codeOf(directory.find(login, BOTH))).toBe('directory/unavailable');
    }
    expect(causes()).toEqual([expect.stringContaining('answer/not-ldap')]);
  });

  it('that ignores the limit of entries has several for a login, and none is used', async () => {
    await open(searching(...Array.from({ length: 50 }, () => ANN), done(SEARCH + 2, 0)));
    expect(await directory.find('ann', BOTH)).toBeNull();
    expect(await directory.knows?.('ann')).toBe(true);
    expect(await directory.isEmpty()).toBe(false);
  });

  it('that sends entries without end is cut off', async () => {
    const large = entry('uid=ann,dc=x', { uid: ['x'.repeat(500_000)] });
    await open(searching(...Array.from({ length: 20 }, () => large), done(SEARCH + 2, 0)));
    expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/entry');
  });

  it('that answers another request, or none, is not believed', async () => {
    await open(({ tag, id, socket }) => {
      if (tag === BIND) return [done(BIND + 1, 0)];
      socket.write(Buffer.concat([message(id + 1, ANN), message(id + 1, done(SEARCH + 2, 0))]));
      return [];
    });
    expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/unavailable');
  });

  it('that sends one byte after another, without end, does not keep a request', async () => {
    let timer: NodeJS.Timeout | null = null;
    await open(
      ({ tag, socket }) => {
        if (tag === BIND) return [done(BIND + 1, 0)];
        socket.write(Buffer.from([0x30, 0x83, 0x0f, 0xff, 0xff]));
        timer = setInterval(() => socket.write('x'), 5);
        return [];
      },
      { timeout: '200ms' },
    );
    expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/unavailable');
    clearInterval(timer ?? undefined);
  });

  it('that sends thousands of messages at once does not exhaust the stack', async () => {
    await open(({ tag, id, socket }) => {
      if (tag === BIND) return [done(BIND + 1, 0)];
      const reference = message(id, element(0x73, element(OCTETS, 'ldap://evil.example')));
      socket.write(Buffer.concat(Array<Buffer>(50_000).fill(reference)));
      return [ANN, done(SEARCH + 2, 0)];
    });
    // References are not followed.
    expect((await directory.find('ann', BOTH))?.name).toBe('ann');
  });

  it('that closes idle connections is asked again on a new one, which is bound', async () => {
    await open(searching(ANN, done(SEARCH + 2, 0)));
    await directory.find('ann', BOTH);
    server.asked[1]?.socket.destroy();
    expect((await directory.find('ANN', BOTH))?.name).toBe('ann');
    await directory.refresh();
    expect(server.asked.map(({ tag }) => tag)).toEqual([BIND, SEARCH, BIND, SEARCH]);
  });

  it('that adds data before TLS begins is not believed', async () => {
    await open(
      ({ tag, id, socket }) => {
        if (tag !== EXTENDED) return [done(BIND + 1, 0)];
        const forged = message(3, done(BIND + 1, 0)).subarray(0, 5);
        socket.write(Buffer.concat([message(id, done(EXTENDED + 1, 0)), forged]));
        return [];
      },
      { start_tls: true },
    );
    expect(await codeOf(directory.verifyPassword(null, 'x'))).toBe('directory/unavailable');
    expect(server.asked.every(({ tag }) => tag === EXTENDED)).toBe(true);
    expect(causes()).toEqual([expect.stringContaining('data before TLS')]);
  });

  it('that refuses StartTLS gets no password', async () => {
    await open(({ tag }) => [done(tag + 1, 2, 'no TLS here')], { start_tls: true });
    expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/unavailable');
    expect(server.asked.map(({ tag }) => tag)).toEqual([EXTENDED]);
    expect(causes()).toEqual([expect.stringContaining('StartTLS is refused: no TLS here')]);
  });

  it.each([
    ['busy', 51, 'directory/unavailable'],
    ['unavailable', 52, 'directory/unavailable'],
    ['a missing base', 32, 'directory/refused'],
    ['missing rights', 50, 'directory/refused'],
    ['a limit of time', 3, 'directory/refused'],
    ['a referral', 10, 'directory/refused'],
  ])('that reports %s is no server without users', async (_, code, problem) => {
    await open(searching(done(SEARCH + 2, code)));
    expect(await codeOf(directory.find('ann', BOTH))).toBe(problem);
    expect(await codeOf(directory.read(`ldap/${ID}`))).toBe(problem);
    expect(await directory.isEmpty()).toBe(false);
  });

  it('that cuts the list of groups is not believed, since a rule may deny one of the others', async () => {
    await open(
      ({ tag, parts }) => {
        if (tag === BIND) return [done(BIND + 1, 0)];
        // The search for groups requests `cn` alone.
        const isForGroups = parts.at(-1)?.content.equals(element(OCTETS, 'cn')) === true;
        const group = entry('cn=staff,dc=x', { cn: ['staff'] });
        return isForGroups ? [group, done(SEARCH + 2, 4)] : [ANN, done(SEARCH + 2, 0)];
      },
      { groups: {} },
    );
    expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/entry');
  });

  /** The verdict for the right password of a server that answers with this result. */
  const verdict = async (code: number, text: string, policy: Buffer | null = null) => {
    await open(({ tag, id, parts, socket }) => {
      if (tag === SEARCH) return [ANN, done(SEARCH + 2, 0)];
      if (parts[1]?.content.toString() === 'cn=doorward') return [done(BIND + 1, 0)];
      const oid = element(OCTETS, '1.3.6.1.4.1.42.2.27.8.5.1');
      const control =
        policy === null ? [] : [element(0xa0, element(0x30, oid, element(OCTETS, policy)))];
      socket.write(message(id, done(BIND + 1, code, text), ...control));
      return [];
    });
    return codeOf(directory.verifyPassword(`ldap/${ID}`, 'correct horse'));
  };
  it.each([
    ['success', 0, '', null, '"right"'],
    ['success of a password that must be changed', 0, '', policyError(2), '"expired"'],
    ['an expired password, by policy', 49, '', policyError(0), '"expired"'],
    ['a locked account, by policy', 49, '', policyError(1), '"wrong"'],
    ['invalid credentials', 49, '', null, '"wrong"'],
    ['a wrong password in Active Directory', 49, data('52e'), null, '"wrong"'],
    ['an expired password in Active Directory', 49, data('532'), null, '"expired"'],
    ['a password to change in Active Directory', 49, data('773'), null, '"expired"'],
    ['a disabled account in Active Directory', 49, data('533'), null, '"wrong"'],
    ['a locked account in Active Directory', 49, data('775'), null, '"wrong"'],
    ['an entry without a password', 48, '', null, '"wrong"'],
    ['an account that may not sign in', 53, '', null, '"wrong"'],
    ['another step of SASL', 14, '', null, '"directory/refused"'],
    ['a referral', 10, '', null, '"directory/refused"'],
    ['a server that requires TLS', 13, '', null, '"directory/refused"'],
    ['a server that is busy', 51, '', null, '"directory/unavailable"'],
    [
      'a policy that is not readable',
      0,
      '',
      Buffer.from([0x30, 0x05, 1]),
      '"directory/unavailable"',
    ],
  ])('a bind with %s has a verdict', async (_, code, text, policy, expected) => {
    expect(`"${(await verdict(code, text, policy)).replaceAll('"', '')}"`).toBe(expected);
  });

  it('a bind as a user closes its connection, and the next one gets its own', async () => {
    await open(({ tag }) => (tag === BIND ? [done(BIND + 1, 0)] : [ANN, done(SEARCH + 2, 0)]));
    for (let n = 0; n < 3; n += 1) await directory.verifyPassword(`ldap/${ID}`, 'x');
    const searches = server.asked.filter(({ tag }) => tag === SEARCH);
    const [first] = searches;
    expect(new Set(searches.map(({ socket }) => socket))).toEqual(new Set([first?.socket]));
    // One for searches, and one for each password.
    expect(server.connections()).toBe(4);
  });

  it('is asked for groups of groups by the rule of Active Directory', async () => {
    const guid = Buffer.from('78563412bc9af0de1122334455667788', 'hex');
    const user = element(
      0x64,
      element(OCTETS, 'CN=Ann (x),DC=x'),
      element(
        0x30,
        ...(
          [
            ['sAMAccountName', Buffer.from('ann')],
            ['objectGUID', guid],
            ['userAccountControl', Buffer.from('512')],
          ] as const
        ).map(([name, value]) =>
          element(0x30, element(OCTETS, name), element(0x31, element(OCTETS, value))),
        ),
      ),
    );
    const filters: Buffer[] = [];
    await open(
      ({ tag, parts }) => {
        if (tag === BIND) return [done(BIND + 1, 0)];
        filters.push(parts[6]?.content ?? Buffer.alloc(0));
        const group = entry('CN=Staff,DC=x', { sAMAccountName: ['Staff'] });
        return [filters.length % 2 === 1 ? user : group, done(SEARCH + 2, 0)];
      },
      { preset: 'active_directory', groups: {} },
    );
    expect(await directory.find('ann', BOTH)).toMatchObject({
      id: 'ldap/12345678-9abc-def0-1122-334455667788',
      groups: ['Staff'],
    });
    const rule = element(0x81, '1.2.840.113556.1.4.1941');
    const asks = Buffer.concat([rule, element(0x82, 'member'), element(0x83, 'CN=Ann (x),DC=x')]);
    expect(filters[1]?.includes(asks)).toBe(true);
    await directory.refresh();
    // Read again by the bytes of the id.
    expect(filters[2]?.includes(element(OCTETS, guid))).toBe(true);
  });

  it('whose account that searches is refused is left out, with a reason', async () => {
    await open(({ tag }) => [done(tag + 1, 49, 'no')]);
    expect(await codeOf(directory.find('ann', BOTH))).toBe('directory/unavailable');
    expect(causes()).toEqual([expect.stringContaining('LDAP result 49, no')]);
  });
});
