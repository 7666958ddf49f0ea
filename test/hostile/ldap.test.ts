/** What must not go wrong with an LDAP directory, over a real slapd. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/access/event.ts';
import { asProblem } from '../../src/core/values/problem.ts';
import { chainDirectories } from '../../src/directories/chain.ts';
import { openEmbeddedDirectory } from '../../src/directories/embedded/directory.ts';
import { ldap, type LdapDirectory } from '../../src/directories/ldap/directory.ts';
import { ldapOptions } from '../../src/directories/ldap/options.ts';
import { directoryTools } from '../support/directory-tools.ts';
import { createPeople, dnOf, openLdap, optionsFor } from '../support/ldap-people.ts';
import { isLeftOut } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { BASE, GROUPS, type Slapd, startSlapd } from '../support/slapd.ts';
import { until } from '../support/until.ts';

const BOTH = ['username', 'email'] as const;
const ANN = { name: 'ann', email: 'ann@example.com', groups: ['staff'], password: 'correct horse' };
const BOB = { name: 'bob', email: 'bob@example.com', password: 'battery staple' };

describe.skipIf(isLeftOut('slapd'))('LDAP (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  let server: Slapd;
  let people: ReturnType<typeof createPeople>;
  let events: Event[];
  const opened: LdapDirectory[] = [];

  beforeAll(async () => {
    // A server that accepts an empty password for any user, as RFC 4513 once allowed.
    server = await startSlapd({ global: 'allow bind_anon_cred' });
    people = createPeople(server, 'openldap');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    events = [];
    await people.put([ANN, BOB]);
  });
  afterEach(async () => {
    for (const directory of opened.splice(0)) await directory.close();
  });

  const open = async (more: object = {}): Promise<LdapDirectory> => {
    const directory = await openLdap(optionsFor(server, 'openldap', more), events);
    opened.push(directory);
    return directory;
  };
  const codes = () =>
    events.map((event) =>
      event.type === 'fault' ? event.code : event.type === 'member' ? event.change : event.type,
    );
  const idOf = async (directory: LdapDirectory, name: string): Promise<string> =>
    (await directory.find(name, ['username']))?.id ?? '';
  const problemOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'none',
      (caught: unknown) => asProblem(caught).code,
    );
  const reach = (more: object) => {
    const tools = { clock: { now: () => Date.now() }, events: { emit: () => {} } };
    const options = ldapOptions.parse(optionsFor(server, 'openldap', { timeout: '2s', ...more }));
    return ldap.reach?.(options, tools);
  };

  it('LDAP-injection: no login changes what is searched for', async () => {
    const directory = await open({ filter: '(|(uid={login})(&(cn={login})(sn=bob)))' });
    const logins = [
      '*',
      'a*',
      '*)(uid=*',
      'ann)(|(uid=*',
      'ann)(objectClass=*',
      '*))(|(uid=*',
      'ann)(&',
      'x)(|(cn=*)',
      'ann\0',
      '\0',
      '\\2a',
      '\\61nn',
      'ann\\',
      '(uid=ann)',
      'ann,dc=example',
      '{login}',
      '{dn}',
      'ann\u0000*',
      'a'.repeat(255),
      '\ud800',
    ];
    for (const login of logins) {
      expect(await directory.find(login, BOTH), login).toBeNull();
      expect(await directory.knows?.(login), login).toBe(false);
    }
    expect((await directory.find('ann', BOTH))?.name).toBe('ann');
    for (const id of ['*', ')(uid=*', 'x*', '\0', '../ann', '']) {
      expect(await directory.read(`ldap/${id}`), id).toBeNull();
    }
    expect(events).toEqual([]);
  });

  it('LDAP-bind: only the right password is right, however lenient the server is', async () => {
    const directory = await open();
    const id = await idOf(directory, 'ann');
    for (const password of [
      '',
      '\0',
      '\0correct horse',
      'correct horse\0',
      'x'.repeat(2000),
      '\ud800',
    ]) {
      expect(await directory.verifyPassword(id, password)).toBe('wrong');
      expect(await directory.verifyPassword(null, password)).toBe('wrong');
    }
    expect(await directory.verifyPassword(id, BOB.password)).toBe('wrong');
    expect(await directory.verifyPassword(id, ANN.password)).toBe('right');
    // Searches are still those of the account that searches, who may read more than ann.
    expect((await directory.find('bob', BOTH))?.email).toBe(BOB.email);
  });

  it('LDAP-bind: a password does not serve the next user with the same DN', async () => {
    const directory = await open({ fresh_for: '1h' });
    const id = await idOf(directory, 'ann');
    await people.put([BOB]);
    await people.put([{ ...ANN, password: 'of another user' }, BOB]);
    expect(await directory.verifyPassword(id, 'of another user')).toBe('wrong');
    expect(await directory.read(id)).toBeNull();
  });

  it('LDAP-several: entries that cannot be distinguished are refused, with a fault in the log', async () => {
    await people.put([ANN, { ...BOB, email: ANN.email }]);
    const directory = await open();
    expect(await directory.find(ANN.email, BOTH)).toBeNull();
    expect(await directory.knows?.(ANN.email)).toBe(true);
    expect(codes()).toEqual(['directory/several']);
    await server.modify(`dn: uid=ann,${GROUPS}
changetype: add
objectClass: inetOrgPerson
uid: ann
cn: another
sn: another
userPassword: something`);
    await directory.refresh();
    expect(await directory.find('ann', BOTH)).toBeNull();
    await server.modify(`dn: uid=ann,${GROUPS}\nchangetype: delete`);
  });

  it('LDAP-renamed: a session follows its user to another name and place', async () => {
    const directory = await open({ fresh_for: '1h' });
    const id = await idOf(directory, 'ann');
    const changed: (string | null)[] = [];
    directory.watch((one) => changed.push(one));
    await server.modify(`dn: ${dnOf('ann')}
changetype: modrdn
newrdn: cn=annette
deleteoldrdn: 0
newsuperior: ${GROUPS}

dn: cn=annette,${GROUPS}
changetype: modify
replace: uid
uid: annette`);
    try {
      expect(await directory.verifyPassword(id, ANN.password)).toBe('right');
      expect((await directory.read(id))?.name).toBe('annette');
      expect(changed).toEqual([id]);
      await directory.refresh();
      expect(await directory.find('ann', BOTH)).toBeNull();
      // The name is free for another user, who is another one to us as well.
      await server.modify(`dn: uid=ann,${GROUPS}
changetype: add
objectClass: inetOrgPerson
uid: ann
cn: another
sn: another
userPassword: of another user`);
      await directory.refresh();
      const other = await idOf(directory, 'ann');
      expect(other).not.toBe(id);
      expect(await directory.verifyPassword(id, 'of another user')).toBe('wrong');
      expect(await directory.verifyPassword(other, ANN.password)).toBe('wrong');
    } finally {
      await server.modify(`dn: uid=ann,${GROUPS}
changetype: delete

dn: cn=annette,${GROUPS}
changetype: modify
replace: uid
uid: ann

dn: cn=annette,${GROUPS}
changetype: modrdn
newrdn: cn=ann
deleteoldrdn: 1
newsuperior: ${BASE}`);
    }
  });

  it('LDAP-names: a username with a second value is refused, since apps know one', async () => {
    await server.modify(`dn: ${dnOf('bob')}\nchangetype: modify\nadd: uid\nuid: admin`);
    const directory = await open();
    expect(await problemOf(directory.find('admin', BOTH))).toBe('directory/entry');
    expect(await problemOf(directory.find('bob', BOTH))).toBe('directory/entry');
    expect((await directory.find('ann', BOTH))?.name).toBe('ann');
  });

  it('LDAP-email: an address that users may change is none, and finds no user', async () => {
    const directory = await open({ email_verified: undefined });
    const user = await directory.find('ann', BOTH);
    expect(user).toMatchObject({ email: ANN.email, emailVerified: false });
    expect(await directory.find(ANN.email, BOTH)).toBeNull();
    expect(await directory.knows?.(ANN.email)).toBe(false);
  });

  it('LDAP-groups: groups elsewhere do not count, nor names that were added to a group', async () => {
    await server.modify(`dn: cn=admins,${BASE}
changetype: add
objectClass: groupOfNames
cn: admins
member: ${dnOf('ann')}

dn: cn=staff,${GROUPS}
changetype: modify
add: cn
cn: admins`);
    const directory = await open({ groups: { base: GROUPS } });
    expect((await directory.find('ann', BOTH))?.groups).toEqual(['staff']);
    await server.modify(`dn: cn=admins,${BASE}\nchangetype: delete`);
  });

  it('LDAP-names: users are refused whose name or address an earlier directory has', async () => {
    const tools = await directoryTools();
    const local = openEmbeddedDirectory(tools, { believed: -1, poll: 3_600_000 });
    await local.create({ name: 'Ann' }, null);
    const later = chainDirectories([local, await open()]);
    expect((await later.find('ann', BOTH))?.id.startsWith(`${local.name}/`)).toBe(true);
    expect(await later.find(ANN.email, BOTH)).toBeNull();
    expect((await later.find('bob', BOTH))?.id.startsWith('ldap/')).toBe(true);
    const first = chainDirectories([await open(), local]);
    const own = await local.find('Ann', ['username']);
    expect(await first.read(own?.id ?? '')).toBeNull();
    expect((await first.find('ann', BOTH))?.id.startsWith('ldap/')).toBe(true);
    await local.close();
    await tools.remove();
  });

  it('LDAP-time: an unknown name takes a bind where users’ passwords are verified by one', async () => {
    const directory = await open();
    const asked: (string | null)[] = [];
    const counted = {
      ...directory,
      verifyPassword: (id: string | null, password: string) => {
        asked.push(id);
        return directory.verifyPassword(id, password);
      },
    };
    const chain = chainDirectories([counted], {
      events: { emit: () => {} },
      passwords: { verify: () => Promise.reject(new Error('no hash is verified')) },
      vault: { sign: (_, value) => Buffer.from(`${value}....`).toString('base64url') },
    });
    expect(await chain.verifyPassword(null, 'correct horse', 'carol')).toBe('wrong');
    expect(await chain.verifyPassword(await idOf(directory, 'ann'), 'wrong', 'ann')).toBe('wrong');
    expect(asked).toEqual([null, await idOf(directory, 'ann')]);
  });

  it('LDAP-away: nothing opens while the server is killed, and all is back without a restart', async () => {
    const warm = await open({ fresh_for: '1h' });
    const cold = await open({ fresh_for: '1s' });
    const id = await idOf(warm, 'ann');
    const bob = await idOf(cold, 'bob');
    await idOf(cold, 'ann');
    await server.kill();
    try {
      expect((await warm.read(id))?.name).toBe('ann');
      expect(await problemOf(warm.find('bob', BOTH))).toBe('directory/unavailable');
      expect(await problemOf(warm.verifyPassword(id, ANN.password))).toBe('directory/unavailable');
      expect(await problemOf(warm.verifyPassword(null, 'x'))).toBe('directory/unavailable');
      await until('ann is too old', async () => (await problemOf(cold.read(id))) !== 'none');
      expect(await problemOf(cold.read(id))).toBe('directory/unavailable');
      expect(await problemOf(cold.find('nobody', BOTH))).toBe('directory/unavailable');
      expect(await cold.isEmpty()).toBe(false);
      // One line for each outage and directory, however many requests fail.
      expect(codes()).toEqual(['ejected', 'ejected']);
    } finally {
      await server.start();
    }
    await until('it is back', async () => (await problemOf(cold.read(bob))) === 'none');
    expect((await cold.read(bob))?.name).toBe('bob');
    await until(
      'the other is back',
      async () => (await problemOf(warm.find('bob', BOTH))) === 'none',
    );
    expect(await warm.verifyPassword(id, ANN.password)).toBe('right');
    expect(codes()).toEqual(['ejected', 'ejected', 'returned', 'returned']);
  });

  it('LDAP-slow: users in memory are served while the server hangs, all others get 503', async () => {
    const directory = await open({ fresh_for: '1h', timeout: '100ms', connections: 1 });
    const id = await idOf(directory, 'ann');
    server.pause();
    try {
      const waiting = Array.from({ length: 20 }, (_, n) =>
        problemOf(directory.find(`u${n}`, BOTH)),
      );
      for (let n = 0; n < 100; n += 1) expect((await directory.read(id))?.name).toBe('ann');
      expect(new Set(await Promise.all(waiting))).toEqual(new Set(['directory/unavailable']));
    } finally {
      server.resume();
    }
    await until(
      'it is back',
      async () => (await problemOf(directory.find('bob', BOTH))) === 'none',
    );
  });

  it('LDAP-servers: the next server is used if the first is down', async () => {
    const { port } = server;
    const down = `ldap://localhost:${await freePort()}`;
    const directory = await open({ url: undefined, urls: [down, `ldap://localhost:${port}`] });
    expect((await directory.find('ann', BOTH))?.name).toBe('ann');
    expect(events).toMatchObject([{ change: 'ejected', member: down, directory: 'ldap' }]);
  });

  it('LDAP-tls: a server whose certificate is not the right one gets no password', async () => {
    const at = `ldap://127.0.0.1:${server.port}`;
    for (const more of [{ url: at }, { ca: undefined }]) {
      const directory = await open(more);
      expect(await problemOf(directory.find('ann', BOTH))).toBe('directory/unavailable');
      expect(await problemOf(directory.verifyPassword(null, 'x'))).toBe('directory/unavailable');
    }
    const secure = await open({ url: server.secureUrl, start_tls: false });
    expect((await secure.find('ann', BOTH))?.name).toBe('ann');
  });

  it('LDAP-check: the reason is one that an operator can act on', async () => {
    const words = {
      fine: await reach({}),
      dns: await reach({ url: 'ldap://ldap.invalid' }),
      refused: await reach({ url: `ldap://localhost:${await freePort()}` }),
      name: await reach({ url: `ldap://127.0.0.1:${server.port}` }),
      authority: await reach({ ca: undefined }),
      password: await reach({ bind_password: 'wrong' }),
      base: await reach({ base: 'dc=elsewhere' }),
      filter: await reach({ filter: '(employeeNumber={login})' }),
    };
    expect(words).toEqual({
      fine: null,
      dns: expect.stringContaining(': dns: '),
      refused: expect.stringContaining(': refused: '),
      name: expect.stringContaining(': tls/name: '),
      authority: expect.stringContaining(': tls/authority: '),
      password: expect.stringContaining('LDAP result 49'),
      base: expect.stringContaining('LDAP result 32'),
      filter: 'no user is found with base and filter',
    });
  });
});
