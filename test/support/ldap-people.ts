/** Users and groups of an LDAP server, in the shape of OpenLDAP or of Active Directory. */
import { randomBytes } from 'node:crypto';
import type { Event } from '../../src/core/access/event.ts';
import { type LdapDirectory, openLdapDirectory } from '../../src/directories/ldap/directory.ts';
import { ldapOptions } from '../../src/directories/ldap/options.ts';
import type { Bench, Seed } from '../contracts/directories.suite.ts';
import { BASE, GROUPS, SEARCHER, type Slapd } from './slapd.ts';

/**
 * What slapd needs to have entries like those of Active Directory. Its own schema `msuser` has no
 * matching rules, so that nothing can be found by it.
 */
export const ACTIVE_DIRECTORY_SCHEMA = `
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.159 NAME 'accountExpires' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.96 NAME 'pwdLastSet' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.90 NAME 'unicodePwd' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.782 NAME 'objectCategory' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP inetOrgPerson STRUCTURAL MUST ( sAMAccountName $ objectGUID $ userAccountControl $ objectCategory ) MAY ( userPrincipalName $ unicodePwd $ accountExpires $ pwdLastSet ) )
objectclass ( 1.2.840.113556.1.5.8 NAME 'group' SUP groupOfNames STRUCTURAL MAY ( sAMAccountName ) )
`;

/** How users are stored. */
export type Shape = 'openldap' | 'active_directory';

/** Options of a directory over this server. Users are found by `email`, too. */
export function optionsFor(server: Slapd, preset: Shape, more: object = {}) {
  return {
    preset,
    url: server.url,
    start_tls: true,
    ca: server.ca,
    base: BASE,
    bind_dn: SEARCHER.dn,
    bind_password: SEARCHER.password,
    email_verified: true,
    attributes: { department: 'departmentNumber' },
    ...(preset === 'openldap'
      ? { disabled: '(employeeType=disabled)' }
      : // slapd does not know the matching rule for groups of groups.
        { groups: { filter: '(&(objectClass=group)(member={dn}))' } }),
    ...more,
  };
}

/** Opens a directory; its events are collected in `events`. */
export function openLdap(given: object, events: Event[] = []): Promise<LdapDirectory> {
  const tools = {
    clock: { now: () => Date.now() },
    events: { emit: (event: Event) => void events.push(event) },
  };
  return openLdapDirectory(ldapOptions.parse(given), tools, { leftOut: 1, longest: 1 });
}

/** A directory over a server that is shared by all tests of a file. */
export async function ldapBench(server: Slapd, shape: Shape): Promise<Bench> {
  const people = createPeople(server, shape);
  const directory = await openLdap(optionsFor(server, shape));
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
}

/** Replaces the users and groups of a server. Users who stay keep their entry. */
export function createPeople(server: Slapd, shape: Shape) {
  let users = new Map<string, string>();
  let groups: readonly string[] = [];
  return {
    async put(seeds: readonly Seed[]): Promise<void> {
      const next = new Map(seeds.map((seed) => [seed.name, entryOf(seed, shape)]));
      const members = Map.groupBy(
        seeds.flatMap(({ name, groups: named = [] }) => named.map((group) => ({ group, name }))),
        ({ group }) => group,
      );
      const changes = [
        ...groups.map((group) => deletion(groupDn(group))),
        ...[...users.keys()].filter((name) => !next.has(name)).map((name) => deletion(dnOf(name))),
        ...[...next].map(([name, entry]) => {
          if (users.has(name)) return replacement(entry, shape);
          const id = `objectGUID:: ${randomBytes(16).toString('base64')}`;
          return shape === 'openldap' ? addition(entry) : `${addition(entry)}\n${id}`;
        }),
        ...[...members].map(([group, of]) => {
          const listed = of.map(({ name }) => `member: ${dnOf(name)}`).join('\n');
          const kind =
            shape === 'openldap'
              ? 'objectClass: groupOfNames'
              : `objectClass: group\nsAMAccountName: ${group}`;
          return `dn: ${groupDn(group)}\nchangetype: add\n${kind}\ncn: ${group}\n${listed}`;
        }),
      ];
      users = next;
      groups = [...members.keys()];
      if (changes.length > 0) await server.modify(changes.join('\n\n'));
    },
  };
}

export function dnOf(name: string): string {
  return `cn=${name},${BASE}`;
}

function groupDn(name: string): string {
  return `cn=${name},${GROUPS}`;
}

/** ACCOUNTDISABLE, and NORMAL_ACCOUNT. */
const FLAGS = { disabled: 514, enabled: 512 };

/** The lines of an entry. */
function entryOf(seed: Seed, shape: Shape): string {
  const { name, email, displayName = name, attributes = {}, disabled = false, password } = seed;
  const { department } = attributes;
  return [
    `dn: ${dnOf(name)}`,
    `objectClass: ${shape === 'openldap' ? 'inetOrgPerson' : 'user'}`,
    `cn: ${shape === 'openldap' ? displayName : name}`,
    ...(displayName === name || shape !== 'openldap' ? [] : [`cn: ${name}`]),
    `sn: ${name}`,
    `userPassword: ${password}`,
    ...(email === undefined ? [] : [`mail: ${email}`]),
    ...(department === undefined ? [] : [`departmentNumber: ${department}`]),
    ...(shape === 'openldap'
      ? [`uid: ${name}`, ...(disabled ? ['employeeType: disabled'] : [])]
      : [
          `sAMAccountName: ${name}`,
          `displayName: ${displayName}`,
          'objectCategory: person',
          `userAccountControl: ${disabled ? FLAGS.disabled : FLAGS.enabled}`,
        ]),
  ].join('\n');
}

function addition(entry: string): string {
  return entry.replace('\n', '\nchangetype: add\n');
}

/** Attributes that may be absent from the new entry. */
const OPTIONAL = { openldap: 'employeeType', active_directory: 'accountExpires' };

function replacement(entry: string, shape: Shape): string {
  const [dn, ...lines] = entry.split('\n');
  const changes = Map.groupBy(
    lines.filter((line) => !line.startsWith('objectClass') && !line.startsWith('cn:')),
    (line) => line.slice(0, line.indexOf(':')),
  );
  const optional = changes.has(OPTIONAL[shape]) ? [] : [`replace: ${OPTIONAL[shape]}`];
  const replaced = [...changes].map(([key, values]) => `replace: ${key}\n${values.join('\n')}`);
  return `${dn}\nchangetype: modify\n${[...replaced, ...optional].join('\n-\n')}\n-`;
}

function deletion(dn: string): string {
  return `dn: ${dn}\nchangetype: delete`;
}
