/** The contract of directories, and what only Active Directory does, over a domain controller of Samba. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, directoryContract, type Seed } from '../contracts/directories.suite.ts';
import type { LdapDirectory } from '../../src/directories/ldap/directory.ts';
import { openLdap } from '../support/ldap-people.ts';
import { isLeftOut } from '../support/packages.ts';
import { DOMAIN, HOUSE, type Samba, startSamba, unicodePassword } from '../support/samba.ts';

const BOTH = ['username', 'email'] as const;
type LdapBench = Bench & { readonly directory: LdapDirectory };

const dnOf = (name: string): string => `cn=${name},${HOUSE}`;

describe.skipIf(isLeftOut('samba'))('a domain controller', () => {
  let samba: Samba;
  beforeAll(async () => {
    samba = await startSamba();
  });
  afterAll(() => samba?.stop());

  /** A directory of the house, with the preset as it is. */
  const open = (more: object = {}) =>
    openLdap({
      preset: 'active_directory',
      url: samba.url,
      start_tls: true,
      ca: samba.ca,
      base: HOUSE,
      bind_dn: samba.searcher.name,
      bind_password: samba.searcher.password,
      attributes: { department: 'department' },
      ...more,
    });
  const openBench = async (): Promise<LdapBench> => {
    const directory = await open();
    const people = createHouse(samba);
    return {
      directory,
      async put(seeds) {
        await people.put(seeds);
        await directory.refresh();
      },
      async close() {
        await directory.close();
        await people.put([]);
      },
    };
  };

  directoryContract('ldap, over Samba', openBench);

  describe('and its rules', () => {
    let bench: LdapBench;
    beforeEach(async () => {
      bench = await openBench();
      await bench.put([{ name: 'ann', groups: ['staff'], password: 'correct horse' }]);
    });
    afterEach(() => bench.close());

    /** Applies changes to an entry. */
    const change = (name: string, lines: string) =>
      samba.modify(`dn: ${dnOf(name)}\nchangetype: modify\n${lines}`);
    const ann = async () => {
      await bench.directory.refresh();
      return bench.directory.find('ann', BOTH);
    };
    const verify = async (password: string) =>
      bench.directory.verifyPassword((await ann())?.id ?? '', password);

    it('has groups of groups, also in a circle', async () => {
      await samba.modify(
        ['outer', 'inner'].map((name) => additionOf(name, groupLines(name, []))).join('\n\n'),
      );
      try {
        await change('inner', `add: member\nmember: ${dnOf('staff')}`);
        await change('outer', `add: member\nmember: ${dnOf('inner')}`);
        await change('staff', `add: member\nmember: ${dnOf('outer')}`);
        expect((await ann())?.groups.toSorted()).toEqual(['inner', 'outer', 'staff']);
      } finally {
        await samba.modify(['outer', 'inner'].map(deletionOf).join('\n\n'));
      }
    });

    it('asks for another password where it must be changed, if the old one is right', async () => {
      await change('ann', 'replace: pwdLastSet\npwdLastSet: 0');
      expect(await verify('correct horse')).toBe('expired');
      expect(await verify('wrong')).toBe('wrong');
    });

    it('finds a user by the principal name, and by names that its server takes for the same', async () => {
      await change('ann', 'replace: userPrincipalName\nuserPrincipalName: a.nn@example.com');
      await bench.directory.refresh();
      expect((await bench.directory.find('A.NN@example.com', BOTH))?.name).toBe('ann');
      for (const login of ['ánn', 'ann ', 'ann*', 'ann)(|(cn=*', 'ann\0', '*', '\\2a']) {
        const found = await bench.directory.find(login, BOTH);
        expect([login, found?.name]).toEqual([login, login.trim() === 'ann' ? 'ann' : undefined]);
      }
    });

    it('opens no account that has ended, and none with an empty password', async () => {
      expect(await verify('')).toBe('wrong');
      expect(await verify(' ')).toBe('wrong');
      await change('ann', 'replace: accountExpires\naccountExpires: 116444736000000001');
      expect((await ann())?.disabled).toBe(true);
      expect(await verify('correct horse')).toBe('wrong');
    });

    it('keeps the id of a user who is renamed and moved', async () => {
      const before = await ann();
      await samba.modify(`dn: ou=attic,${HOUSE}\nchangetype: add\nobjectClass: organizationalUnit`);
      await samba.modify(
        `dn: ${dnOf('ann')}\nchangetype: modrdn\nnewrdn: cn=annette\ndeleteoldrdn: 1\nnewsuperior: ou=attic,${HOUSE}`,
      );
      try {
        expect(await bench.directory.verifyPassword(before?.id ?? '', 'correct horse')).toBe(
          'right',
        );
        expect((await ann())?.id).toBe(before?.id);
      } finally {
        await samba.modify(
          `dn: cn=annette,ou=attic,${HOUSE}\nchangetype: modrdn\nnewrdn: cn=ann\ndeleteoldrdn: 1\nnewsuperior: ${HOUSE}`,
        );
        await samba.modify(`dn: ou=attic,${HOUSE}\nchangetype: delete`);
      }
    });

    it('is not taken for a directory without users where its base does not exist', async () => {
      const directory = await open({ base: `cn=nowhere,${DOMAIN}` });
      await expect(directory.find('ann', BOTH)).rejects.toMatchObject({
        code: 'directory/refused',
      });
      await directory.close();
    });
  });
});

/** Replaces the users and groups of the house. Users who stay the same are not touched. */
function createHouse(samba: Samba) {
  let users = new Map<string, Seed>();
  let groups: readonly string[] = [];
  return {
    async put(seeds: readonly Seed[]): Promise<void> {
      const next = new Map(seeds.map((seed) => [seed.name, seed]));
      const named = seeds.flatMap((seed) => (seed.groups ?? []).map((group) => ({ group, seed })));
      const members = Map.groupBy(named, ({ group }) => group);
      const isSame = (seed: Seed): boolean =>
        JSON.stringify(users.get(seed.name)) === JSON.stringify(seed);
      const changes = [
        ...groups.map(deletionOf),
        ...[...users.keys()].filter((name) => !next.has(name)).map(deletionOf),
        ...seeds
          .filter((seed) => !isSame(seed))
          .map((seed) =>
            users.has(seed.name) ? replacementOf(seed) : additionOf(seed.name, userLines(seed)),
          ),
        ...[...members].map(([group, of]) =>
          additionOf(
            group,
            groupLines(
              group,
              of.map(({ seed }) => seed.name),
            ),
          ),
        ),
      ];
      users = next;
      groups = [...members.keys()];
      if (changes.length > 0) await samba.modify(changes.join('\n\n'));
    },
  };
}

function additionOf(name: string, lines: readonly string[]): string {
  return [`dn: ${dnOf(name)}`, 'changetype: add', ...lines].join('\n');
}

function deletionOf(name: string): string {
  return `dn: ${dnOf(name)}\nchangetype: delete`;
}

function groupLines(name: string, members: readonly string[]): readonly string[] {
  const listed = members.map((member) => `member: ${dnOf(member)}`);
  return ['objectClass: group', `sAMAccountName: ${name}`, ...listed];
}

/** NORMAL_ACCOUNT, with ACCOUNTDISABLE. */
const FLAGS = { enabled: 512, disabled: 514 };

function userLines(seed: Seed): readonly string[] {
  const { name, email, displayName = name, attributes = {}, disabled = false, password } = seed;
  const { department } = attributes;
  return [
    'objectClass: user',
    `sAMAccountName: ${name}`,
    `displayName: ${displayName}`,
    ...(email === undefined ? [] : [`mail: ${email}`]),
    ...(department === undefined ? [] : [`department: ${department}`]),
    `unicodePwd:: ${unicodePassword(password)}`,
    `userAccountControl: ${disabled ? FLAGS.disabled : FLAGS.enabled}`,
  ];
}

function replacementOf(seed: Seed): string {
  const changes = userLines(seed)
    .slice(2)
    .map((line) => `replace: ${line.slice(0, line.indexOf(':'))}\n${line}`);
  return [`dn: ${dnOf(seed.name)}`, 'changetype: modify', changes.join('\n-\n'), '-'].join('\n');
}
