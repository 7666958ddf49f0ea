/** Passwords that are set on a real slapd, as it stores them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LdapDirectory } from '../../src/directories/ldap/directory.ts';
import { addressOf } from '../../src/directories/ldap/protocol/dial.ts';
import { openConnection } from '../../src/directories/ldap/protocol/connection.ts';
import { equals } from '../../src/directories/ldap/protocol/filter.ts';
import {
  ACTIVE_DIRECTORY_SCHEMA,
  createPeople,
  openLdap,
  optionsFor,
  type Shape,
} from '../support/ldap-people.ts';
import { isLeftOut } from '../support/packages.ts';
import { BASE, SEARCHER, type Slapd, startSlapd } from '../support/slapd.ts';

const ANN = { name: 'ann', password: 'walnut harbor', email: 'ann@example.com' };
const NEW = 'größer "als" €5';

describe.skipIf(isLeftOut('slapd'))('LDAP (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  let server: Slapd;
  const opened: LdapDirectory[] = [];
  beforeAll(async () => {
    server = await startSlapd({
      global: ACTIVE_DIRECTORY_SCHEMA,
      access: `access to attrs=unicodePwd by dn.exact="${SEARCHER.dn}" write`,
    });
  });
  afterAll(async () => {
    for (const directory of opened) await directory.close();
    await server?.stop();
  });

  async function annIn(shape: Shape, more: object) {
    const people = createPeople(server, shape);
    await people.put([ANN]);
    const directory = await openLdap(optionsFor(server, shape, more));
    opened.push(directory);
    const id = (await directory.find('ann', ['username']))?.id ?? '';
    return { people, directory, change: directory.passwordChanger?.(id) ?? null };
  }

  it('are replaced in unicodePwd, in quotation marks and as UTF-16', async () => {
    const { people, change } = await annIn('active_directory', { write: true });
    await change?.(NEW);
    const address = addressOf(server.url, { startTls: true, ca: null });
    const time = { timeout: 5_000, patience: 5_000 };
    const connection = await openConnection({ ...address, security: 'none' }, time);
    await connection.bind(SEARCHER.dn, SEARCHER.password);
    const { entries } = await connection.search({
      base: BASE,
      scope: 'subtree',
      filter: equals('sAMAccountName', 'ann'),
      attributes: ['unicodePwd'],
      most: 1,
    });
    connection.close();
    const [stored] = entries[0]?.attributes.get('unicodepwd') ?? [];
    expect(stored?.toString('utf16le')).toBe(`"${NEW}"`);
    await people.put([]);
  });

  it('are not changed without the right to', async () => {
    const { people, directory, change } = await annIn('openldap', { write: true });
    await expect(change?.(NEW)).rejects.toMatchObject({ code: 'directory/refused', status: 503 });
    const id = (await directory.find('ann', ['username']))?.id ?? '';
    expect(await directory.verifyPassword(id, ANN.password)).toBe('right');
    await expect(directory.passwordChanger?.('ldap/other')?.(NEW)).rejects.toMatchObject({
      code: 'user/unknown',
    });
    await expect(change?.('a\0b')).rejects.toMatchObject({ code: 'password/refused' });
    await people.put([]);
  });

  it('cannot be changed without write: true, or for users of other directories', async () => {
    const { people, directory, change } = await annIn('openldap', {});
    expect([change, 'passwordChanger' in directory]).toEqual([null, false]);
    await people.put([]);
    const writable = await openLdap(optionsFor(server, 'openldap', { write: true }));
    opened.push(writable);
    expect(writable.passwordChanger?.('embedded/ann')).toBeNull();
  });
});
